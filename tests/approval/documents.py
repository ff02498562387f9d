"""The configuration that trials run under: one read, one refund with a preview, and a policy by which people decide above a limit."""

import json
import os

CURRENCY = "EUR"
LIMIT = 2500          # up to here nobody is asked
PAIR = 100_000        # from here on, two leads
HASTY = 3333          # exactly this: over after HASTY_SECONDS
HASTY_SECONDS = 3
BRIEF = 3334          # exactly this: over after BRIEF_SECONDS
BRIEF_SECONDS = 40


def money(minor):
    return {"minor": str(minor), "currency": CURRENCY}


def _order_schema(**more):
    properties = {"order_id": {"type": "string", "minLength": 1, "maxLength": 64}, **more}
    return {"type": "object", "additionalProperties": False, "required": sorted(properties), "properties": properties}


def _lookup(sandbox):
    return {
        "kind": "tool", "tenant": "*", "name": "lookup_order", "version": 1, "owner": "orders", "description": "Reads an order.", "class": "read",
        "arguments": _order_schema(), "origins": {"/order_id": ["verified_field"]}, "target": ["/order_id"], "timeout_ms": 3000,
        "retry": {"attempts": 5, "first_ms": 50, "most_ms": 1000}, "idempotency": "natural",
        "connector": {"kind": "http", "method": "GET", "url": f"{sandbox}/{{tenant}}/orders/{{order_id}}", "allow_loopback": True},
        "result": {"trusted": ["/id", "/customer_id", "/status", "/total"], "redact": [], "max_bytes": 16384},
        "wording": {"done": "We looked it up.", "refused": "We could not look it up.", "unknown": "We could not look it up."},
    }


def _refund(sandbox):
    amount = {"type": "object", "additionalProperties": False, "required": ["currency", "minor"],
              "properties": {"minor": {"type": "string", "maxLength": 20}, "currency": {"type": "string", "minLength": 3, "maxLength": 3}}}
    return {
        "kind": "tool", "tenant": "*", "name": "issue_refund", "version": 1, "owner": "payments", "description": "Pays money back for an order.",
        "class": "money", "arguments": _order_schema(amount=amount, reason={"type": "string", "enum": ["asked_for"]}),
        "origins": {"/order_id": ["verified_field"], "/amount": ["verified_field"], "/reason": ["model", "constant"]},
        "amount": "/amount", "target": ["/order_id"], "operation": {"name": "refund", "key": ["/order_id"], "window_days": 365},
        "timeout_ms": 5000, "retry": {"attempts": 5, "first_ms": 100, "most_ms": 2000}, "idempotency": "key_header", "key_header": "Idempotency-Key",
        "connector": {"kind": "http", "method": "POST", "url": f"{sandbox}/{{tenant}}/refunds",
                      "body": {"order_id": "/order_id", "amount": "/amount", "reason": "/reason"}, "allow_loopback": True},
        "preview": {"method": "POST", "url": f"{sandbox}/{{tenant}}/orders/{{order_id}}/refund-previews", "body": {"amount": "/amount"},
                    "before": "/before", "after": "/after", "preconditions": ["/before/captured", "/before/refunded", "/before/status"], "note": "/note"},
        "rollback_note": "Money that was paid back can only be asked for again.",
        "result": {"trusted": ["/id", "/amount", "/status"], "redact": [], "max_bytes": 16384},
        "reconcile": {"url": f"{sandbox}/{{tenant}}/refunds?key={{idempotency_key}}", "done_when": "/refunds/0/id", "settle_ms": 5500, "limit_ms": 60000},
        "wording": {"done": "We have paid the amount back.", "refused": "We could not pay the amount back.",
                    "unknown": "We are checking whether the amount was paid back."},
    }


def _rule(name, sentence, when, effect, tools=("issue_refund",), **more):
    return {"id": name, "sentence": sentence, "citation": "Refund policy", "tools": list(tools), "when": when, "effect": effect, **more}


def _amount_is(minor):
    return {"all": [{"ge": [{"fact": "amount"}, {"money": money(minor)}]}, {"le": [{"fact": "amount"}, {"money": money(minor)}]}]}


def policy(tenant, version=1, leads=1):
    """leads: how many of them a refund above the limit takes."""
    own = {"eq": [{"evidence": {"tool": "lookup_order", "where": {"/order_id": "/order_id"}}, "pointer": "/customer_id"}, {"fact": "requester.id"}]}
    above = {"gt": [{"fact": "amount"}, {"money": money(LIMIT)}]}
    pair = {"ge": [{"fact": "amount"}, {"money": money(PAIR)}]}
    lead = {"roles": [{"role": "lead", "people": leads}], "expires_after_s": "never"}
    return {
        "kind": "policy", "tenant": tenant, "name": "refunds", "version": version,
        "rules": [
            _rule("reads", "Orders may be looked up.", {"is_true": {"fact": "requester.authenticated"}}, "allow", ["lookup_order"]),
            _rule("own-order", "Money goes back to whose order it is.", own, "allow"),
            _rule("above-limit", "Above the limit a lead decides.", above, "require_approval", duties=lead),
            _rule("far-above", "Far above it two leads decide.", pair, "require_approval", duties={"roles": [{"role": "lead", "people": 2}], "quorum": 2}),
            _rule("hasty", "This amount is decided at once or not at all.", _amount_is(HASTY), "require_approval",
                  duties={"roles": [{"role": "lead"}], "expires_after_s": HASTY_SECONDS}),
            _rule("brief", "This amount is decided soon or not at all.", _amount_is(BRIEF), "require_approval",
                  duties={"roles": [{"role": "lead"}], "expires_after_s": BRIEF_SECONDS}),
        ],
    }


def _playbook():
    order = {"order_id": {"$from": "ticket:/fields/order_id"}}

    def steps(reading="order"):
        return [{"name": reading, "tool": "lookup_order", "arguments": order},
                {"name": "refund", "tool": "issue_refund", "arguments": {**order, "amount": {"$from": "ticket:/fields/amount"}, "reason": "asked_for"}}]

    def resolution(action, text):
        return {"category": "billing", "action_taken": action, "resolution": text, "requires_followup": action == "none"}

    paid = {"stop_reason": "resolved", "resolution": resolution("refund", "The amount was paid back.")}
    denied = [{"on": "step.denied", "codes": [code],
               "close": {"stop_reason": "denied", "reason": code, "resolution": resolution("none", "It was refused.")}}
              for code in ("denied_by_policy", "denied_by_person")]
    return {
        "kind": "playbook", "tenant": "*", "name": "refund", "version": 1, "agent": {"name": "billing", "version": 1}, "category": "billing",
        "match": {"all": [{"pointer": "/fields/topic", "in": ["refund"]}, {"pointer": "/fields/order_id", "exists": True}]},
        "turns": [
            {"on": "start", "steps": steps(), "close": paid}, *denied, {"on": "step.changes_requested", "steps": steps("order_again"), "close": paid},
            {"on": "step.expired", "close": {"stop_reason": "escalated", "reason": "approval_expired",
                                             "resolution": resolution("none", "Nobody decided in time.")}},
        ],
    }


def all_documents(tenants, sandbox):
    realm = {"kind": "realm", "name": "main", "version": 1, "tenants": tenants,
             "trust": {"requester": "authenticated", "verified_fields": ["/fields/order_id", "/fields/amount"]}}
    return [
        realm, _lookup(sandbox), _refund(sandbox), _playbook(),
        *[{"kind": "tenant", "name": tenant, "version": 1, "display_name": tenant.title()} for tenant in tenants],
        *[policy(tenant) for tenant in tenants],
    ]


def write(folder, documents):
    os.makedirs(folder, exist_ok=True)
    for number, document in enumerate(documents):
        with open(os.path.join(folder, f"{number:02}-{document['kind']}-{document['name']}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
