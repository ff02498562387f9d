"""The configuration that the tickets are handled by: realms, tenants, endpoints, tools, policies, floors and playbooks, and how one tenant writes mail."""

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
        "preview": {"method": "POST", "url": f"{sandbox}/{{tenant}}/orders/{{order_id}}/refund-previews", "body": {"amount": "/amount"},
                    "before": "/before", "after": "/after", "preconditions": ["/before/captured", "/before/refunded", "/before/status"], "note": "/note"},
        "rollback_note": "Money that was paid back can only be asked for again.",
        "result": {"trusted": ["/id", "/amount", "/status"], "redact": [], "max_bytes": 16384},
        "reconcile": {"url": f"{sandbox}/{{tenant}}/refunds?key={{idempotency_key}}", "done_when": "/refunds/0/id", "settle_ms": 3500, "limit_ms": 60000},
        "wording": {"done": "We have paid the amount back.", "refused": "We could not pay the amount back.",
                    "unknown": "We are checking whether the amount was paid back."},
    }


def mailing(sandbox):
    """What it takes to tell the customers of one tenant that they were paid."""
    text = {"type": "string", "minLength": 1, "maxLength": 254}
    amount = {"type": "object", "additionalProperties": False, "required": ["currency", "minor"], "properties": {"minor": text, "currency": text}}
    variables = {"type": "object", "additionalProperties": False, "required": ["amount", "name"], "properties": {"amount": amount, "name": text}}
    anything = ["system_of_record", "verified_field", "tool_text"]
    return [
        {"kind": "tool", "tenant": made.MAILING_TENANT, "name": "lookup_customer", "version": 1, "owner": "customers", "description": "Reads a customer.", "class": "read",
         "arguments": {"type": "object", "additionalProperties": False, "required": ["customer_id"], "properties": {"customer_id": text}},
         "origins": {"/customer_id": ["system_of_record", "verified_field"]}, "target": ["/customer_id"],
         "timeout_ms": 2000, "retry": {"attempts": 5, "first_ms": 50, "most_ms": 1000}, "idempotency": "natural",
         "connector": {"kind": "http", "method": "GET", "url": f"{sandbox}/{{tenant}}/customers/{{customer_id}}", "allow_loopback": True},
         "result": {"trusted": ["/id", "/email"], "redact": [], "max_bytes": 16384},
         "wording": {"done": "We looked you up.", "refused": "We could not look you up.", "unknown": "We could not look you up."}},
        {"kind": "tool", "tenant": made.MAILING_TENANT, "name": "send_reply", "version": 1, "owner": "support", "description": "Writes to a customer.", "class": "outbound",
         "arguments": {"type": "object", "additionalProperties": False, "required": ["customer_id", "template", "to", "variables"],
                       "properties": {"customer_id": text, "to": text, "template": {"type": "string", "enum": ["refund-done"]}, "variables": variables}},
         "origins": {"/customer_id": ["system_of_record", "verified_field"], "/to": ["system_of_record", "verified_field"], "/template": ["model", "constant"],
                     "/variables/amount": anything, "/variables/name": anything},
         "target": ["/to"], "idempotency": "none",
         "connector": {"kind": "message", "channel": "email", "mailbox": "support", "to": "/to", "template": "/template", "variables": "/variables"},
         "deliver_within_ms": 600_000,
         "wording": {"done": "We have written to you.", "refused": "We could not write to you.", "unknown": "We are checking whether our message reached you."}},
        {"kind": "template", "tenant": made.MAILING_TENANT, "name": "refund-done", "version": 1, "subject": "Your refund",
         "text": "Hello {{name}},\n\nwe have paid back {{amount}}.\n", "html": "<p>Hello {{name}},</p><p>we have paid back {{amount}}.</p>",
         "variables": ["name", "amount"], "claims": ["issue_refund"]},
        {"kind": "mailbox", "tenant": made.MAILING_TENANT, "name": "support", "version": 1,
         "smtp": {"host": "127.0.0.1", "port": "@SMTP_PORT@", "security": "starttls"}, "from": {"address": "support@acme.example", "name": "Support"},
         "schedule_ms": [0, 200, 500, 1000, 2000, 4000, 8000, 8000], "when_maybe_sent": "ask", "enabled": True},
    ]


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
             "tools": ["lookup_order", "lookup_payments", *(["lookup_customer"] if tenant == made.MAILING_TENANT else [])], "when": {"is_true": {"fact": "requester.authenticated"}}, "effect": "allow"},
            {"id": "own-overcharge", "sentence": "What the requester was overcharged on their own order is paid back.",
             "citation": "Refund policy 4.2", "tools": refund,
             "when": {"all": [own, {"le": [{"fact": "amount"}, overcharge]}]}, "effect": "allow"},
            {"id": "not-their-order", "sentence": "Nobody is paid for somebody else's order.", "citation": "Refund policy 1.1", "tools": refund,
             "when": {"not": own}, "effect": "deny"},
            {"id": "nothing-to-pay-back", "sentence": "Nothing is paid back that was not overcharged.", "citation": "Refund policy 4.1",
             "tools": refund, "when": {"any": [{"le": [{"fact": "amount"}, {"money": made.money(0)}]}, {"gt": [{"fact": "amount"}, overcharge]}]}, "effect": "deny"},
            {"id": "large-refund", "sentence": "More than the limit is approved by a lead.", "citation": "Refund policy 4.3", "tools": refund,
             "when": {"gt": [{"fact": "amount"}, limit]}, "effect": "require_approval", "duties": {"roles": [{"role": "lead"}], "expires_after_s": 86_400}},
            {"id": "very-large-refund", "sentence": "Far more than the limit is approved at once or not at all.", "citation": "Refund policy 4.4",
             "tools": refund, "when": {"ge": [{"fact": "amount"}, {"money": made.money(made.HURRIED_MINOR)}]}, "effect": "require_approval",
             "duties": {"roles": [{"role": "lead"}], "expires_after_s": made.EXPIRY_SECONDS}},
            *([reply_rule()] if tenant == made.MAILING_TENANT else []),
        ],
    }


def reply_rule():
    on_record = {"evidence": {"tool": "lookup_customer", "where": {"/customer_id": "/customer_id"}}, "pointer": "/email"}
    return {"id": "replies", "sentence": "Customers are written to at the address on record.", "citation": "Support handbook 5.1", "tools": ["send_reply"],
            "when": {"eq": [{"argument": "/to"}, on_record]}, "effect": "allow"}


def floor(tenant):
    return {
        "kind": "floor", "tenant": tenant, "name": "people-decide", "version": 1,
        "demands": [{"classes": ["money"], "above": made.money(made.LIMIT_MINOR), "sentence": "Money above the limit is approved by a lead, whatever policies say.",
                     "duties": {"roles": [{"role": "lead"}], "expires_after_s": "never"}}],
    }


def playbook(name="duplicate-charge-refund", topic="duplicate_charge", replies=False):
    order = {"order_id": {"$from": "ticket:/fields/order_id"}}
    customer = {"customer_id": {"$from": "ticket:/requester/id"}}
    amount = {"$from": "derived:difference(evidence:payments#/captured, evidence:payments#/refunded, evidence:order#/total)"}
    steps = [{"name": "order", "tool": "lookup_order", "arguments": order},
             {"name": "payments", "tool": "lookup_payments", "arguments": order},
             {"name": "refund", "tool": "issue_refund", "arguments": {**order, "amount": amount, "reason": "duplicate_charge"}}]
    if replies:
        steps.insert(2, {"name": "customer", "tool": "lookup_customer", "arguments": customer})
        steps.append({"name": "reply", "tool": "send_reply",
                      "arguments": {**customer, "to": {"$from": "evidence:customer#/email"}, "template": "refund-done",
                                    "variables": {"name": {"$from": "evidence:customer#/name"}, "amount": amount}}})
    return {
        "kind": "playbook", "tenant": made.MAILING_TENANT if replies else "*", "name": name, "version": 1, "agent": {"name": "billing", "version": 1},
        "category": "billing", "match": {"all": [{"pointer": "/fields/topic", "in": [topic]}, {"pointer": "/fields/order_id", "exists": True}]},
        "turns": [
            {"on": "start", "steps": steps, "close": {"stop_reason": "resolved", "resolution": resolution("refund", "The duplicate charge was paid back.")}},
            *[{"on": "step.denied", "codes": [code],
               "close": {"stop_reason": "denied", "reason": code, "resolution": resolution("none", "Nothing is paid back.")}}
              for code in ("denied_by_policy", "denied_by_person")],
            {"on": "step.expired", "close": {"stop_reason": "escalated", "reason": "approval_expired",
                                             "resolution": resolution("none", "Nobody decided in time.")}},
        ],
    }


def resolution(action, text):
    return {"category": "billing", "action_taken": action, "resolution": text, "requires_followup": False}


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
        documents += [policy(tenant), floor(tenant)]
    documents += [
        reading("lookup_order", "orders/{order_id}", "Reads an order.", ["/id", "/customer_id", "/status", "/total"], sandbox),
        reading("lookup_payments", "orders/{order_id}/payments", "Reads what was captured and refunded for an order.", ["/order_id", "/captured", "/refunded"], sandbox),
        refund_tool(sandbox),
        playbook(),
        playbook("charge-refund-with-reply", "charged_and_told", replies=True),
        *mailing(sandbox),
    ]
    return documents


def write_documents(folder, sandbox, secret_name):
    os.makedirs(folder, exist_ok=True)
    for document in all_documents(sandbox, secret_name):
        name = "-".join(str(document[part]) for part in ("kind", "tenant", "name") if document.get(part, "*") != "*")
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
