"""Tickets: what foreign clients publish, as CloudEvents without a mode yet, and what must become of each.

Every client sends, for every tenant and in each mode, one ticket of every KIND. Besides, each tenant has a journey: one ticket whose four events
come from different clients in different modes.
"""

import datetime
import hashlib
from dataclasses import dataclass

from people import canonical

MODES = ("binary", "structured")
REVIEWERS = {"acme": ("lena", "lou"), "globex": ("gil", "gus")}  # tenant -> who decides there; the second only what is asked again
APPROVE_UP_TO, ASK_UP_TO = "60.00", "100.00"  # what the sample reviewers' tools are told

ASKED, DECIDED, GRANTED, USED = "approval.requested", "approval.decision_recorded", "approval.granted", "approval.consumed"
GRANTING = [ASKED, DECIDED, GRANTED, USED]


@dataclass(frozen=True)
class Kind:
    """What a ticket asks for, in cents, and what comes of it with the configuration and the reviewer of this suite."""

    amount: int
    outcome: str
    refunds: int
    decisions: tuple  # of the first and of the second reviewer
    approvals: tuple  # what `approvals` says of it


KINDS = {
    "small": Kind(2000, "ticket.resolved", 1, (0, 0), ()),
    "medium": Kind(5000, "ticket.resolved", 1, (1, 0), tuple(GRANTING)),
    "asked": Kind(8000, "ticket.resolved", 1, (1, 1), (ASKED, DECIDED, "approval.changes_requested", *GRANTING)),
    "large": Kind(12000, "ticket.denied", 0, (1, 0), (ASKED, DECIDED, "approval.denied")),
}


def money(minor):
    return {"minor": str(minor), "currency": "EUR"}


@dataclass(frozen=True)
class Ticket:
    tenant: str
    name: str
    kind: str

    @property
    def key(self):
        return f"{self.tenant}/{self.name}"

    @property
    def order(self):
        return f"o-{self.name}"

    def opened(self):
        """Its text has what a client could garble on the way: letters beyond ASCII, quotes, a line's end."""
        kind = KINDS.get(self.kind)
        asked = {"topic": "refund", "order_id": self.order, "amount": money(kind.amount)} if kind else {"topic": "small talk"}
        return {"requester": {"id": f"c-{self.name}", "name": "Zoë Łęcka"}, "requester_authenticated": True, "subject": "a \"refund\"",
                "text": "Bitte zurück:\n20 € — 返金してください 🙂", "fields": asked}


class Message:
    """One event, in the mode in which a client is to publish it."""

    def __init__(self, ticket, client, mode, kind="ticket.opened", content=None):
        self.ticket, self.client, self.mode, self.type = ticket, client, mode, kind
        self.data = {"tenant": ticket.tenant, "ticket_id": ticket.name, **(ticket.opened() if content is None else content)}
        self.id = f"{client}-{mode}-{ticket.name}-{kind}"
        self.source = f"urn:interop:{client}"

    @property
    def attributes(self):
        return {
            "specversion": "1.0", "id": self.id, "source": self.source, "type": self.type, "subject": self.ticket.name, "tenant": self.ticket.tenant,
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json", "dataschema": f"urn:countersign:schema:{self.type}:v1", "partitionkey": self.ticket.key,
        }

    @property
    def digest(self):
        """What planner and executor keep of an event: SHA-256 over its type and its data in canonical form."""
        return hashlib.sha256(self.type.encode() + b"\n" + canonical(self.data)).hexdigest()

    def as_json(self):
        return {"mode": self.mode, "attributes": self.attributes, "data": self.data}


def tickets_of(client):
    """[Message]: every kind, for every tenant, in both modes."""
    return [Message(Ticket(tenant, f"{client}-{mode}-{kind}", kind), client, mode) for mode in MODES for tenant in REVIEWERS for kind in KINDS]


def journeys(clients):
    """[[Message]]: for every tenant one ticket that goes from hand to hand; each client begins once, or goes on."""
    stations = (
        ("ticket.opened", None), ("ticket.message_added", {"author": {"kind": "requester", "id": "c-1"}, "text": "Hello? ¿Hola?"}),
        ("ticket.updated", {"fields": {"topic": None, "language": "日本語", "urgency": 3}}), ("ticket.closed", {"reason": "« it's fine »"}),
    )
    made = []
    for start, tenant in enumerate(REVIEWERS):
        ticket = Ticket(tenant, "journey", "journey")
        made.append([Message(ticket, clients[(start + number) % len(clients)], MODES[(start + number) % 2], kind, content)
                     for number, (kind, content) in enumerate(stations)])
    return made
