"""What this shop has beside the one of tests/approval: tools through which a model could bring in what strangers wrote, and that write."""

import copy

import documents

PATIENCE_WITH_PLANNER = 30  # seconds; good tickets at load must not need it
ANY_ORIGIN = ["system_of_record", "verified_field", "constant", "customer_text", "tool_text", "model"]


def _read(name, place, argument, trusted, description):
    return {
        "kind": "tool", "tenant": "*", "name": name, "version": 1, "owner": "shop", "description": description, "class": "read",
        "arguments": {"type": "object", "additionalProperties": False, "required": [argument],
                      "properties": {argument: {"type": "string", "minLength": 1, "maxLength": 200}}},
        "origins": {f"/{argument}": ANY_ORIGIN}, "target": [f"/{argument}"], "timeout_ms": 3000,
        "retry": {"attempts": 2, "first_ms": 50, "most_ms": 500}, "idempotency": "natural",
        "connector": {"kind": "http", "method": "GET", "url": f"@SANDBOX@/{{tenant}}/{place}/{{{argument}}}", "allow_loopback": True},
        "result": {"trusted": trusted, "redact": [], "max_bytes": 16384},
        "wording": {"done": "We looked it up.", "refused": "We could not look it up.", "unknown": "We could not look it up."},
    }


def _change_address():
    """Writes whatever text it is given into a customer's record."""
    tool = _read("change_address", "customers", "customer_id", ["/id"], "Keeps another address for a customer.")
    tool["class"] = "reversible"
    street = {"type": "string", "minLength": 1, "maxLength": 200}
    tool["arguments"]["properties"]["address"] = {"type": "object", "additionalProperties": False, "required": ["street"], "properties": {"street": street}}
    tool["arguments"]["required"] = ["address", "customer_id"]
    tool["origins"]["/address"] = ANY_ORIGIN
    tool["operation"] = {"name": "address", "key": ["/customer_id", "/address/street"], "window_days": 1}
    tool.update(idempotency="key_header", key_header="Idempotency-Key")
    tool["connector"] = {"kind": "http", "method": "POST", "url": "@SANDBOX@/{tenant}/customers/{customer_id}/address-changes",
                         "body": {"address": "/address"}, "allow_loopback": True}
    tool["reconcile"] = {"url": "@SANDBOX@/{tenant}/customers/{customer_id}/address-changes?key={idempotency_key}",
                         "done_when": "/address-changes/0/id", "settle_ms": 3500, "limit_ms": 60000}
    return tool


def _refund(sandbox):
    """As in tests/approval, and it takes what a system of record says, too."""
    tool = copy.deepcopy(documents._refund(sandbox))
    tool["version"] = 2
    for pointer in ("/order_id", "/amount"):
        tool["origins"][pointer] = ["system_of_record", "verified_field"]
    return tool


def _policy(tenant):
    policy = documents.policy(tenant, version=2)
    policy["rules"].append({
        "id": "looking", "sentence": "Anything may be looked up, and addresses changed.", "citation": "Shop policy",
        "tools": ["find_order", "read_article", "read_customer", "change_address"],
        "when": {"is_true": {"fact": "requester.authenticated"}}, "effect": "allow",
    })
    return policy


def additions(sandbox):
    tools = [
        _read("find_order", "orders", "order_id", ["/id", "/customer_id", "/total"], "Reads any order."),
        _read("read_article", "articles", "article_id", ["/id"], "Reads an article of the shop's handbook, which anybody may edit."),
        _read("read_customer", "customers", "customer_id", ["/id", "/status"], "Reads a customer's record."), _change_address(),
    ]
    for tool in tools:
        tool["connector"]["url"] = tool["connector"]["url"].replace("@SANDBOX@", sandbox)
        if "reconcile" in tool:
            tool["reconcile"]["url"] = tool["reconcile"]["url"].replace("@SANDBOX@", sandbox)
    return [*tools, _refund(sandbox), *[_policy(tenant) for tenant in ("acme", "globex", "initech")]]
