"""The configuration that benchmarks run under: one playbook for each workload, the tools they call, and a policy that lets them.

Every ticket is about things of its own, which are named after it: nothing waits for anything of another ticket.
"""

import json
import os

CURRENCY = "EUR"
TENANTS = ["acme", "globex", "initech", "umbrella"]
PEOPLE = {tenant: {"lea": ["lead"]} for tenant in TENANTS}
TOTAL = 5000          # of every order
LIMIT = 2500          # people are asked above it
ASKED = 4000          # what the workload `approval` wants paid back
DIGITS = {"type": "string", "minLength": 1, "maxLength": 64}
AMOUNT = {"type": "object", "additionalProperties": False, "required": ["currency", "minor"],
          "properties": {"minor": {"type": "string", "maxLength": 20}, "currency": {"type": "string", "minLength": 3, "maxLength": 3}}}
TRUSTED = ["system_of_record", "verified_field"]
FIELDS = ["/fields/item", "/fields/amount"]


def money(minor):
    return {"minor": str(minor), "currency": CURRENCY}


def event(workload):
    """The data of a ticket.opened, with {ticket} for the ticket's name."""
    fields = {"topic": workload, "item": "{ticket}"}
    if workload == "approval":
        fields["amount"] = money(ASKED)
    return {
        "requester": {"id": "c-{ticket}"}, "requester_authenticated": True, "subject": "Something is to be done",
        "text": "Hello, please look at this for me: it is the usual thing, and there is no hurry. Many thanks!", "fields": fields,
    }


def seed(label, count, workload):
    """What the stand-in must know before the first ticket, in pieces that it takes at once."""
    if workload == "durable":
        yield {"tenants": {tenant: {} for tenant in TENANTS}}
        return
    # Tickets take tenants in turns; that every tenant has all orders is less to say and does no harm.
    yield {"tenants": {tenant: {"generate": {"orders": count, "prefix": f"{label}-", "total": money(TOTAL)}} for tenant in TENANTS}}
    if workload == "observe":
        for number in range(0, count, 1000):
            yield {"tenants": {tenant: {"customers": [customer(f"{label}-{one}") for one in range(number + 1, min(number + 1000, count) + 1)
                                                      if TENANTS[(one - 1) % len(TENANTS)] == tenant]} for tenant in TENANTS}}


def customer(ticket):
    return {"id": f"c-{ticket}", "name": f"Customer {ticket}", "email": f"{ticket}@customers.example"}


def tool(name, risk, arguments, origins, target, connector, **more):
    return {
        "kind": "tool", "tenant": "*", "name": name, "version": 1, "owner": "benchmark", "description": f"{name}, as a company would have it.",
        "class": risk, "arguments": {"type": "object", "additionalProperties": False, "required": sorted(arguments), "properties": arguments},
        "origins": origins, "target": target, "connector": connector,
        "wording": {"done": "It is done.", "refused": "It could not be done.", "unknown": "We are checking whether it was done."}, **more,
    }


def http(method, url, **more):
    return {"kind": "http", "method": method, "url": url, "allow_loopback": True, **more}


def patient(timeout_ms=5000):
    return {"timeout_ms": timeout_ms, "retry": {"attempts": 5, "first_ms": 100, "most_ms": 2000}}


def tools(sandbox):
    shop = f"{sandbox}/{{tenant}}"
    whole = {"trusted": ["/id"], "redact": [], "max_bytes": 16384}
    keyed = {"idempotency": "key_header", "key_header": "Idempotency-Key"}
    return [
        tool("take_note", "draft", {"item": DIGITS, "text": DIGITS}, {"/item": TRUSTED, "/text": ["constant", "model"]}, ["/item"],
             http("POST", f"{shop}/notes", body={"ticket_id": "/item", "text": "/text"}), **patient(), **keyed, result=whole),
        tool("lookup_order", "read", {"order_id": DIGITS}, {"/order_id": TRUSTED}, ["/order_id"], http("GET", f"{shop}/orders/{{order_id}}"),
             **patient(), idempotency="natural", result={**whole, "trusted": ["/id", "/customer_id", "/status", "/total"]}),
        tool("lookup_customer", "read", {"customer_id": DIGITS}, {"/customer_id": TRUSTED}, ["/customer_id"],
             http("GET", f"{shop}/customers/{{customer_id}}"), **patient(), idempotency="natural", result={**whole, "trusted": ["/id", "/email"]}),
        tool("issue_refund", "money", {"order_id": DIGITS, "amount": AMOUNT, "reason": {"type": "string", "enum": ["asked_for"]}}, {"/order_id": TRUSTED, "/amount": TRUSTED, "/reason": ["model", "constant"]}, ["/order_id"],
             http("POST", f"{shop}/refunds", body={"order_id": "/order_id", "amount": "/amount", "reason": "/reason"}), **patient(), **keyed,
             amount="/amount", operation={"name": "refund", "key": ["/order_id"], "window_days": 365}, result=whole,
             preview={"method": "POST", "url": f"{shop}/orders/{{order_id}}/refund-previews", "body": {"amount": "/amount"}, "before": "/before",
                      "after": "/after", "preconditions": ["/before/captured", "/before/refunded", "/before/status"], "note": "/note"},
             rollback_note="Money that was paid back can only be asked for again.",
             reconcile={"url": f"{shop}/refunds?key={{idempotency_key}}", "done_when": "/refunds/0/id", "settle_ms": 5500, "limit_ms": 60000}),
    ]


def reply_tool(tenant):
    """Of one tenant, because it names its mailbox and its templates."""
    variables = {"type": "object", "additionalProperties": False, "required": ["amount"], "properties": {"amount": AMOUNT}}
    made = tool("send_reply", "outbound", {"to": DIGITS, "template": {"type": "string", "enum": ["refund-done"]}, "variables": variables},
                {"/to": TRUSTED, "/template": ["model", "constant"], "/variables/amount": TRUSTED}, ["/to"],
                {"kind": "message", "channel": "email", "mailbox": "support", "to": "/to", "template": "/template", "variables": "/variables"},
                idempotency="none", deliver_within_ms=600_000)
    return {**made, "tenant": tenant}


def playbook(workload, steps, tenant="*"):
    close = {"stop_reason": "resolved", "resolution": {"category": "benchmark", "action_taken": "done", "resolution": "It was done.", "requires_followup": False}}
    return {
        "kind": "playbook", "tenant": tenant, "name": workload, "version": 1, "agent": {"name": "bench", "version": 1}, "category": "benchmark",
        "match": {"all": [{"pointer": "/fields/topic", "in": [workload]}]}, "turns": [{"on": "start", "steps": steps, "close": close}],
    }


def playbooks():
    item = {"$from": "ticket:/fields/item"}
    return [
        playbook("durable", [{"name": "note", "tool": "take_note", "arguments": {"item": item, "text": "It was looked at."}}]),
        playbook("approval", [{"name": "refund", "tool": "issue_refund",
                               "arguments": {"order_id": item, "amount": {"$from": "ticket:/fields/amount"}, "reason": "asked_for"}}]),
    ]


def correspondence(tenant):
    item, customer_id = {"$from": "ticket:/fields/item"}, {"$from": "ticket:/requester/id"}
    total = {"$from": "evidence:order#/total"}
    return [
        reply_tool(tenant),
        playbook("observe", [
            {"name": "order", "tool": "lookup_order", "arguments": {"order_id": item}},
            {"name": "customer", "tool": "lookup_customer", "arguments": {"customer_id": customer_id}},
            {"name": "refund", "tool": "issue_refund", "arguments": {"order_id": item, "amount": total, "reason": "asked_for"}},
            {"name": "reply", "tool": "send_reply", "arguments": {"to": {"$from": "evidence:customer#/email"}, "template": "refund-done", "variables": {"amount": total}}},
        ], tenant),
        {"kind": "template", "tenant": tenant, "name": "refund-done", "version": 1, "subject": "Your refund", "text": "Hello,\n\nwe have paid back {{amount}}.\n",
         "html": "<p>Hello, we have paid back {{amount}}.</p>", "variables": ["amount"], "claims": ["issue_refund"]},
        {"kind": "mailbox", "tenant": tenant, "name": "support", "version": 1, "smtp": {"host": "127.0.0.1", "port": "@SMTP_PORT@", "security": "starttls"},
         "from": {"address": f"support@{tenant}.example", "name": "Support"}, "schedule_ms": [0, 200, 500, 1000, 2000, 4000], "when_maybe_sent": "ask",
         "enabled": True},
    ]


def rule(name, sentence, tools_, when, effect="allow", **more):
    return {"id": name, "sentence": sentence, "citation": "Benchmark 1", "tools": tools_, "when": when, "effect": effect, **more}


def policy(tenant):
    known = {"is_true": {"fact": "requester.authenticated"}}
    observed = {"eq": [{"evidence": {"tool": "lookup_order", "where": {"/order_id": "/order_id"}}, "pointer": "/total"}, {"fact": "amount"}]}
    asked = {"eq": [{"fact": "amount"}, {"money": money(ASKED)}]}
    return {
        "kind": "policy", "tenant": tenant, "name": "benchmark", "version": 1,
        "rules": [
            rule("known", "Whoever is known is served.", ["take_note", "lookup_order", "lookup_customer", "send_reply"], known),
            rule("whole-order", "An order that was looked at may be paid back whole.", ["issue_refund"], observed),
            rule("asked", "What was asked for may be paid back …", ["issue_refund"], asked),
            rule("by-a-lead", "… when a lead agrees.", ["issue_refund"], asked, "require_approval", duties={"roles": [{"role": "lead"}], "expires_after_s": 3600}),
        ],
    }


def endpoint(tenant, sink, secret):
    return {
        "kind": "endpoint", "tenant": tenant, "name": "results", "version": 1, "url": f"{sink}/{tenant}/webhooks",
        "types": ["ticket.resolved", "ticket.denied", "ticket.escalated", "ticket.failed", "ticket.cancelled"], "secrets": [secret], "timeout_ms": 10000,
        "schedule_ms": [0, 200, 500, 1000, 2000, 4000, 8000, 8000, 8000], "order": "ordered", "enabled": True,
    }


def all_documents(sandbox, sink, secret_name):
    made = [{"kind": "realm", "name": "main", "version": 1, "tenants": TENANTS, "trust": {"requester": "authenticated", "verified_fields": FIELDS}}]
    made += [*tools(sandbox), *playbooks()]
    for tenant in TENANTS:
        made += [{"kind": "tenant", "name": tenant, "version": 1, "display_name": tenant.capitalize()}, policy(tenant), *correspondence(tenant),
                 endpoint(tenant, sink, secret_name(tenant))]
    return made


def write(folder, documents):
    os.makedirs(folder, exist_ok=True)
    for number, document in enumerate(documents):
        with open(os.path.join(folder, f"{number:02}-{document['kind']}-{document['name']}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
