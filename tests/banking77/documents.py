"""The configuration that the tickets are handled by: realms, tenants, endpoints, tools, a policy and a playbook for each tenant."""

import json
import os

import cases as made


def reading(name, path, description, trusted, sandbox):
    return {
        "kind": "tool", "tenant": "*", "name": name, "version": 1, "owner": "orders", "description": description, "class": "read",
        "arguments": order_schema(), "origins": {"/order_id": ["system_of_record", "verified_field"]}, "target": ["/order_id"],
        "timeout_ms": 2000, "retry": {"attempts": 5, "first_ms": 50, "most_ms": 1000}, "idempotency": "natural",
        "connector": {"kind": "http", "method": "GET", "url": f"{sandbox}/{{tenant}}/{path}", "allow_loopback": True},
        "result": {"trusted": trusted, "redact": [], "max_bytes": 16384},
        "wording": {"done": "We looked it up.", "refused": "We could not look it up.", "unknown": "We could not look it up."},
    }


def order_schema(**more):
    properties = {"order_id": {"type": "string", "minLength": 1, "maxLength": 64}, **more}
    return {"type": "object", "additionalProperties": False, "required": sorted(properties), "properties": properties}


def refund_tool(sandbox):
    amount = {"type": "object", "additionalProperties": False, "required": ["currency", "minor"],
              "properties": {"minor": {"type": "string", "maxLength": 20}, "currency": {"type": "string", "minLength": 3, "maxLength": 3}}}
    reason = {"type": "string", "enum": ["duplicate_charge"]}
    return {
        "kind": "tool", "tenant": "*", "name": "issue_refund", "version": 1, "owner": "payments", "description": "Pays money back.",
        "class": "money", "arguments": order_schema(amount=amount, reason=reason),
        "origins": {"/order_id": ["system_of_record", "verified_field"], "/amount": ["system_of_record", "verified_field"], "/reason": ["model", "constant"]},
        "amount": "/amount", "target": ["/order_id"], "operation": {"name": "refund", "key": ["/order_id"], "window_days": 365},
        "timeout_ms": 3000, "retry": {"attempts": 5, "first_ms": 100, "most_ms": 2000},
        "idempotency": "key_header", "key_header": "Idempotency-Key",
        "connector": {"kind": "http", "method": "POST", "url": f"{sandbox}/{{tenant}}/refunds",
                      "body": {"order_id": "/order_id", "amount": "/amount", "reason": "/reason"}, "allow_loopback": True},
        "result": {"trusted": ["/id", "/amount", "/status"], "redact": [], "max_bytes": 16384},
        "reconcile": {"url": f"{sandbox}/{{tenant}}/refunds?key={{idempotency_key}}", "done_when": "/refunds/0/id", "settle_ms": 3500, "limit_ms": 60000},
        "wording": {"done": "We have paid the amount back.", "refused": "We could not pay the amount back.",
                    "unknown": "We are checking whether the amount was paid back."},
    }


def evidence(tool, pointer):
    return {"evidence": {"tool": tool, "where": {"/order_id": "/order_id"}}, "pointer": pointer}


def policy(tenant):
    overcharge = {"difference": [evidence("lookup_payments", "/captured"), evidence("lookup_payments", "/refunded"), evidence("lookup_order", "/total")]}
    own = {"eq": [evidence("lookup_order", "/customer_id"), {"fact": "requester.id"}]}
    limit = {"money": made.money(made.LIMIT_MINOR)}
    refund = ["issue_refund"]
    return {
        "kind": "policy", "tenant": tenant, "name": "support-refunds", "version": 1,
        "rules": [
            {"id": "reads", "sentence": "Orders and payments may be looked up for the requester of a ticket.", "citation": "Support handbook 2.1",
             "tools": ["lookup_order", "lookup_payments"], "when": {"is_true": {"fact": "requester.authenticated"}}, "effect": "allow"},
            {"id": "own-overcharge", "sentence": "What the requester was overcharged on their own order is paid back.",
             "citation": "Refund policy 4.2", "tools": refund,
             "when": {"all": [own, {"le": [{"fact": "amount"}, overcharge]}]}, "effect": "allow"},
            {"id": "not-their-order", "sentence": "Nobody is paid for somebody else's order.", "citation": "Refund policy 1.1", "tools": refund,
             "when": {"not": own}, "effect": "deny"},
            {"id": "nothing-to-pay-back", "sentence": "Nothing is paid back that was not overcharged.", "citation": "Refund policy 4.1",
             "tools": refund, "when": {"any": [{"le": [{"fact": "amount"}, {"money": made.money(0)}]}, {"gt": [{"fact": "amount"}, overcharge]}]}, "effect": "deny"},
            {"id": "large-refund", "sentence": "More than the limit is for people.", "citation": "Refund policy 4.3", "tools": refund,
             "when": {"gt": [{"fact": "amount"}, limit]}, "effect": "escalate"},
        ],
    }


def playbook():
    order = {"order_id": {"$from": "ticket:/fields/order_id"}}
    amount = "derived:difference(evidence:payments#/captured, evidence:payments#/refunded, evidence:order#/total)"
    return {
        "kind": "playbook", "tenant": "*", "name": "duplicate-charge-refund", "version": 1, "agent": {"name": "billing", "version": 1},
        "category": "billing", "match": {"all": [{"pointer": "/fields/topic", "in": ["duplicate_charge"]}, {"pointer": "/fields/order_id", "exists": True}]},
        "turns": [
            {"on": "start",
             "steps": [{"name": "order", "tool": "lookup_order", "arguments": order},
                       {"name": "payments", "tool": "lookup_payments", "arguments": order},
                       {"name": "refund", "tool": "issue_refund", "arguments": {**order, "amount": {"$from": amount}, "reason": "duplicate_charge"}}],
             "close": {"stop_reason": "resolved", "resolution": {"category": "billing", "action_taken": "refund",
                                                                  "resolution": "The duplicate charge was paid back.", "requires_followup": False}}},
            {"on": "step.denied", "codes": ["denied_by_policy"], "close": {"stop_reason": "denied", "reason": "denied_by_policy"}},
        ],
    }


def all_documents(sandbox, secret_name):
    documents = []
    for realm, tenants in made.REALMS.items():
        documents.append({"kind": "realm", "name": realm, "version": 1, "tenants": tenants,
                          "trust": {"requester": "authenticated", "verified_fields": ["/fields/order_id"]}})
    for tenant in made.TENANTS:
        documents.append({"kind": "tenant", "name": tenant, "version": 1, "display_name": tenant.capitalize()})
        documents.append({"kind": "endpoint", "tenant": tenant, "name": "results", "version": 1, "url": f"{sandbox}/{tenant}/webhooks", "types": ["*"],
                          "secrets": [secret_name(tenant)], "timeout_ms": 3000, "schedule_ms": [0, 200, 500, 1000, 2000, 4000, 8000, 8000, 8000],
                          "order": "ordered", "enabled": True})
        documents.append(policy(tenant))
    documents += [
        reading("lookup_order", "orders/{order_id}", "Reads an order.", ["/id", "/customer_id", "/status", "/total"], sandbox),
        reading("lookup_payments", "orders/{order_id}/payments", "Reads what was captured and refunded for an order.", ["/order_id", "/captured", "/refunded"], sandbox),
        refund_tool(sandbox),
        playbook(),
    ]
    return documents


def write_documents(folder, sandbox, secret_name):
    os.makedirs(folder, exist_ok=True)
    for document in all_documents(sandbox, secret_name):
        name = "-".join(str(document[part]) for part in ("kind", "tenant", "name") if document.get(part, "*") != "*")
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
