"""Turns customer messages into tickets with seeded orders, and says how each must end.

The messages are real; the shop behind them is made up: for a message about a refund, a charge or a fee there is an order and what was
captured for it, drawn by a seed. The other messages are about matters for which no playbook exists.
"""

import csv
import hashlib
import json
import os
import random
from dataclasses import dataclass

REALMS = {"main": ["acme", "globex"], "partner": ["initech", "umbrella"]}
TENANTS = [tenant for tenants in REALMS.values() for tenant in tenants]
LIMIT_MINOR = 2500          # up to here nobody is asked
HURRIED_MINOR = 40_000    # from here on, who is asked has EXPIRY_SECONDS
EXPIRY_SECONDS = 20
CURRENCY = "EUR"
MAILING_TENANT = "acme"     # its customers are written to when they are paid
PEOPLE = {tenant: {"lea": ["lead"], "lou": ["lead"]} for tenant in TENANTS}

# What becomes of a ticket of each kind: stop reason, and whether money moves.
ENDS = {
    "small": ("resolved", True),        # overcharged by up to the limit, by the requester's own order
    "approved": ("resolved", True),     # overcharged by more, and a person agrees
    "denied": ("denied", False),        # … a person does not
    "expired": ("escalated", False),    # … nobody says anything
    "foreign": ("denied", False),       # somebody else's order
    "refunded": ("denied", False),      # somebody paid it back before the ticket came
    "other": ("escalated", False),      # no playbook
}


@dataclass
class Case:
    tenant: str
    ticket: str
    kind: str
    event: dict
    order: dict = None
    payments: list = None
    overcharge: int = 0


def money(minor):
    return {"minor": str(minor), "currency": CURRENCY}


def answer_to(seed, tenant, ticket):
    """What the reviewer says about a ticket's action: approved, denied, or expired for nothing at all."""
    dice = int.from_bytes(hashlib.sha256(f"{seed}/{tenant}/{ticket}".encode()).digest()[:4], "big") % 100
    return "approved" if dice < 70 else "denied" if dice < 90 else "expired"


def read_messages(data):
    with open(os.path.join(data, "train.csv"), newline="", encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def concerns_money(intent):
    return any(word in intent.lower() for word in ("refund", "charge", "fee"))


def make_cases(data, seed, limit=None):
    dice = random.Random(seed)
    messages = read_messages(data)
    dice.shuffle(messages)  # the file is sorted by intent
    messages = messages[:limit]
    return [make_case(number, text, intent, dice, seed) for number, (text, intent) in enumerate(messages, 1)]


def make_case(number, text, intent, dice, seed):
    tenant = dice.choice(TENANTS)
    ticket = f"{tenant}-{number:05d}"
    requester = f"c-{dice.randrange(2000)}"
    fields = {"intent": intent}
    case = Case(tenant, ticket, "other", {})
    if concerns_money(intent):
        case.kind = dice.choices(["small", "large", "foreign", "refunded"], [60, 15, 15, 10])[0]
        case.kind = answer_to(seed, tenant, ticket) if case.kind == "large" else case.kind
        seed_order(case, f"o-{number}", requester, dice)
        fields.update(order_id=case.order["id"], topic="charged_and_told" if tenant == MAILING_TENANT else "duplicate_charge")
    case.event = {
        "type": "ticket.opened",
        "tenant": tenant,
        "ticket_id": ticket,
        "requester": {"id": requester},
        "requester_authenticated": True,
        "subject": intent.replace("_", " "),
        "text": text,
        "fields": fields,
    }
    return case


def seed_order(case, order_id, requester, dice):
    total = dice.randrange(500, 50_000)
    lowest, highest = {"approved": (LIMIT_MINOR + 1, HURRIED_MINOR), "denied": (LIMIT_MINOR + 1, HURRIED_MINOR),
                       "expired": (HURRIED_MINOR, HURRIED_MINOR * 2)}.get(case.kind, (1, LIMIT_MINOR + 1))
    case.overcharge = dice.randrange(lowest, highest)
    owner = requester if case.kind != "foreign" else f"x-{dice.randrange(2000)}"
    case.order = {"id": order_id, "customer_id": owner, "total": money(total)}
    case.payments = [{"id": f"p-{order_id}-1", "order_id": order_id, "amount": money(total)}]
    case.payments.append({"id": f"p-{order_id}-2", "order_id": order_id, "amount": money(case.overcharge)})


def sandbox_seed(cases):
    tenants = {tenant: {"orders": [], "payments": []} for tenant in TENANTS}
    for case in cases:
        if case.order:
            tenants[case.tenant]["orders"].append(case.order)
            tenants[case.tenant]["payments"].extend(case.payments)
    tenants[MAILING_TENANT]["customers"] = [{"id": customer, "name": f"Customer {customer}", "email": mail_address(customer)} for customer in customers(cases)]
    return {"tenants": tenants}


def customers(cases):
    return sorted({case.event["requester"]["id"] for case in cases if case.tenant == MAILING_TENANT})


def mail_address(customer):
    return f"{customer}@customers.example"


def write_events(cases, folder):
    """A file of JSON lines for each realm; returns their paths by realm."""
    paths = {realm: os.path.join(folder, f"events-{realm}.jsonl") for realm in REALMS}
    for realm, tenants in REALMS.items():
        with open(paths[realm], "w", encoding="utf-8") as file:
            for case in cases:
                if case.tenant in tenants:
                    file.write(json.dumps(case.event, ensure_ascii=False) + "\n")
    return paths
