"""The tickets of a run: uniquely numbered, drawn by a seed, with the order behind each and the ends that are right for it.

Workload, supervisor and checker make the same list from the same (seed, count) and need not tell each other about it.
"""

import json
import os
import random
from dataclasses import dataclass, field

import neighbours  # noqa: F401
import cases as made
import documents as written

KEYLESS_TENANT = "umbrella"  # its shop honours no keys: whatever is sent twice is done twice, and seen in its journal

# kind -> (weight, ends that are right, how often money may move)
KINDS = {
    "small": (42, {"resolved"}, (1, 1)),
    "approved": (12, {"resolved"}, (1, 1)),
    "denied": (7, {"denied"}, (0, 0)),
    "expired": (1, {"escalated"}, (0, 0)),
    "foreign": (10, {"denied"}, (0, 0)),
    "other": (10, {"escalated"}, (0, 0)),
    "closed": (9, {"resolved", "cancelled"}, (0, 1)),     # closed a moment after it was opened
    "talked": (9, {"resolved", "denied", "escalated"}, (0, 1)),  # its requester adds a word while it is worked on
}
REVIEWED = ("approved", "denied", "expired")


@dataclass
class Ticket:
    case: made.Case
    number: int
    events: list = field(default_factory=list)  # (seconds after the first, event)

    @property
    def key(self):
        return (self.case.tenant, self.case.ticket)


def make_tickets(seed, count, kinds=None):
    dice = random.Random(f"tickets/{seed}")
    names = list(kinds or KINDS)
    weights = [KINDS[name][0] for name in names]
    return [make_ticket(number, dice.choices(names, weights)[0], dice) for number in range(1, count + 1)]


def make_ticket(number, kind, dice):
    tenant = dice.choice(made.TENANTS)
    case = made.Case(tenant, f"{tenant}-{kind}-{number:06d}", kind, {})
    requester = f"c-{dice.randrange(500)}"
    fields = {"intent": kind}
    if kind != "other":
        # An order's total leaves room for a second refund of the same sum, so that the shop would not save us.
        seed_order(case, f"o-{number}", requester, dice)
        fields.update(order_id=case.order["id"], topic="charged_and_told" if tenant == made.MAILING_TENANT else "duplicate_charge")
    case.event = {
        "tenant": tenant, "ticket_id": case.ticket, "requester": {"id": requester}, "requester_authenticated": True,
        "subject": f"{kind} {number}", "text": "I was charged twice.", "fields": fields,
    }
    events = [(0.0, ("ticket.opened", case.event))]
    if kind == "closed":
        events.append((dice.uniform(0.0, 0.4), ("ticket.closed", {"tenant": tenant, "ticket_id": case.ticket, "reason": "mended elsewhere"})))
    if kind == "talked":
        author = {"kind": "requester", "id": requester}
        events.append((dice.uniform(0.0, 0.4), ("ticket.message_added", {"tenant": tenant, "ticket_id": case.ticket, "author": author, "text": "Hello?"})))
    return Ticket(case, number, events)


def seed_order(case, order_id, requester, dice):
    made.seed_order(case, order_id, requester, dice)
    total = {"minor": str(case.overcharge * 3 + 500), "currency": made.CURRENCY}
    case.order["total"] = total
    case.payments[0]["amount"] = total


def answer_to(kind):
    return kind if kind in REVIEWED else "approved"


def sandbox_seed(tickets):
    return made.sandbox_seed([ticket.case for ticket in tickets])


def write_documents(folder, sandbox, secret_name):
    os.makedirs(folder, exist_ok=True)
    for document in all_documents(sandbox, secret_name):
        name = "-".join(str(document[part]) for part in ("kind", "tenant", "name") if document.get(part, "*") != "*")
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)


def all_documents(sandbox, secret_name):
    """As for banking77; unknown effects are given up sooner, and one tenant's shop knows no keys."""
    documents = written.all_documents(sandbox, secret_name)
    refund = next(document for document in documents if document.get("name") == "issue_refund")
    refund["reconcile"]["limit_ms"] = 15_000
    keyless = json.loads(json.dumps(refund))
    keyless.update(tenant=KEYLESS_TENANT, idempotency="none")
    keyless.pop("key_header")
    keyless["reconcile"]["url"] = f"{sandbox}/{{tenant}}/refunds?order_id={{order_id}}"
    for document in documents:
        if document.get("kind") == "endpoint":  # patient enough for what is done to its receiver
            document["schedule_ms"] = [0, 200, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000, 8000]
    return [*documents, keyless]
