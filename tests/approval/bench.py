"""Bench: a running fleet with people, tickets whose refunds wait for them, and the table of what was tried and what came of it."""

import json
import os
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field

import documents
import psycopg2
import wire
from fleet import Fleet, FleetFailed
from people import Key

ENVIRONMENT = "trial"
TENANTS = ["acme", "globex", "initech"]
BRIDGE = "bridge"  # an issuer that may vouch
PEOPLE = {
    "acme": {
        "lea": {"roles": ["lead"], "aliases": ["c-lea"], "identities": [{"issuer": BRIDGE, "subject": "U1"}, {"issuer": BRIDGE, "subject": "U1-phone"}]},
        "lou": {"roles": ["lead"], "identities": [{"issuer": BRIDGE, "subject": "U2"}]},
        "max": {"roles": ["lead"], "identities": [{"issuer": BRIDGE, "subject": "U3"}]},
        "cleo": ["clerk"],
    },
    "globex": {"gil": ["lead"], "gus": ["lead"]},
    "initech": {"ina": ["lead"], "ivo": ["lead"]},
}
COUNTERSIGNATURE_VALIDITY = 5  # seconds; clocks may differ by SKEW, so that one is out of date after the sum
SKEW = 60
PATIENCE = 60.0
SEEDED_AT_ONCE = 1000


@dataclass
class Case:
    """A ticket that asks for a refund on an order of its own."""

    tenant: str
    ticket: str
    order: str
    requester: str
    amount: int
    refunds: int = 0  # how many must be in the shop's journal at the end
    more: dict = field(default_factory=dict)  # members of the event besides

    @property
    def key(self):
        return f"{self.tenant}/{self.ticket}"

    def event(self):
        return {
            "type": "ticket.opened", "tenant": self.tenant, "ticket_id": self.ticket, "requester": {"id": self.requester}, "requester_authenticated": True,
            "subject": "a refund", "text": "Please pay it back.",
            "fields": {"topic": "refund", "order_id": self.order, "amount": documents.money(self.amount)}, **self.more,
        }


def _title(scene):
    """Such as "roads: play", or "roads: request changes"."""
    return f"{type(scene.__self__).__name__.lower()}: {scene.__name__.replace('_', ' ')}"


class Table:
    """Rows as they come, each printed at once."""

    def __init__(self):
        self.rows = []
        self._group = None

    def add(self, group, tried, answer, holds):
        if group != self._group:
            print(f"\n{group}", flush=True)
            self._group = group
        self.rows.append({"group": group, "tried": tried, "answer": answer, "ok": bool(holds)})
        print(f"  {'ok  ' if holds else 'FAIL'}  {tried:<72}  {answer}", flush=True)


class Bench:
    def __init__(self, bin_dir):
        flags = {"approval": ["--countersignature-validity", f"{COUNTERSIGNATURE_VALIDITY}s"]}
        self.fleet = Fleet(bin_dir, realms={"main": TENANTS}, people=PEOPLE, environment=ENVIRONMENT, fast_kafka=True, fsync=False, service_flags=flags)
        self.wire = wire.Wire(self.fleet)
        self.table = Table()
        self.cases = []
        self._unsent = []
        self._seeded = set()

    def __enter__(self):
        self.fleet.__enter__()
        try:
            self.apply(*documents.all_documents(TENANTS, self.fleet.sandbox_url), people=True)
            self.fleet.wait_ready()
            self.wire.__enter__()
        except BaseException:
            self.fleet.stop(keep_logs=True)
            raise
        return self

    def __exit__(self, kind, *rest):
        self.wire.__exit__()
        self.fleet.__exit__(kind, *rest)

    def play(self, group, scenes):
        """One after another; one that waits for something in vain is a row that failed, and the others are still tried."""
        for scene in scenes:
            try:
                scene()
            except wire.NeverCame as vain:
                self.table.add(group, _title(scene), f"{vain}; {self._story(vain.key)}", False)
            except (FleetFailed, OSError, LookupError, psycopg2.Error) as failure:
                self.table.add(group, _title(scene), f"{type(failure).__name__}: {failure}", False)

    # ---- configuration and people

    def apply(self, *all_documents, people=False):
        with tempfile.TemporaryDirectory(prefix="countersign-trial-") as folder:
            documents.write(folder, all_documents)
            return self.fleet.apply(folder) if people else self.fleet.cli("apply", folder)

    def person(self, name, tenant="acme"):
        return self.fleet.people[(tenant, name)]

    def service_key(self, service):
        return Key.at(self.fleet.key_file(service), "unused")

    # ---- tickets

    def case(self, ticket, tenant="acme", amount=5000, refunds=0, requester=None, order=None, **more):
        case = Case(tenant, ticket, order or f"o-{ticket}", requester or f"c-{ticket}", amount, refunds, more)
        self.cases.append(case)
        self._unsent.append(case)
        return case

    def publish(self):
        """Everything that was made since the last time, with the orders behind it."""
        cases, self._unsent = self._unsent, []
        for begin in range(0, len(cases), SEEDED_AT_ONCE):  # the stand-in has a limit for what it is sent
            self._seed(cases[begin:begin + SEEDED_AT_ONCE])
        self.send(*[case.event() for case in cases])

    def _seed(self, cases):
        tenants = {tenant: {"orders": [], "payments": []} for tenant in TENANTS}
        for case in cases:
            if (case.tenant, case.order) in self._seeded:  # two tickets may be about one order
                continue
            self._seeded.add((case.tenant, case.order))
            total = documents.money(1_000_000)
            tenants[case.tenant]["orders"].append({"id": case.order, "customer_id": case.requester, "total": total})
            tenants[case.tenant]["payments"].append({"id": f"p-{case.order}", "order_id": case.order, "amount": total})
        self.fleet.seed_sandbox({"tenants": tenants})

    def send(self, *events):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(json.dumps(event) + "\n" for event in events)
            file.flush()
            self.fleet.cli("publish", file.name)

    def asked(self, case, nth=1, patience=PATIENCE):
        """The nth approval.requested of the ticket."""
        return self.wire.wait_for(case.key, "approval.requested", nth, patience=patience)

    # ---- what became of it

    def rows(self, sql, *parameters):
        connection = psycopg2.connect(self.fleet.admin_dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall()
        finally:
            connection.close()

    def until(self, ask, patience=PATIENCE, pause=0.05):
        """Asks until the answer is true or the time is over; the last answer."""
        end = time.monotonic() + patience
        while not (answer := ask()) and time.monotonic() < end:
            time.sleep(pause)
        return answer

    def approval_state(self, approval):
        found = self.rows("SELECT state FROM approval.approval WHERE tenant_id = %s AND approval_id = %s", approval["tenant"], approval["approval_id"])
        return found[0][0] if found else "unknown"

    def becomes(self, approval, state, patience=PATIENCE):
        self.until(lambda: self.approval_state(approval) == state, patience)
        return self.approval_state(approval)

    def judged(self, data, patience=PATIENCE):
        """What approval recorded of a decision: "counted", the code for which it did not count, or "dead letter CODE"."""

        def look():
            found = self.rows("SELECT counted, code FROM approval.decision WHERE digest = %s ORDER BY received_at LIMIT 1",
                              wire.digest_of_token(data["decision"]))
            if found:
                return "counted" if found[0][0] else found[0][1]
            dead = self.rows("SELECT reason FROM approval.dead_letter WHERE topic = 'decisions' AND position(%s::bytea IN value) > 0",
                             data["decision"][-60:].encode())
            return f"dead letter {dead[0][0]}" if dead else None

        return self.until(look, patience) or "no answer"

    def decide(self, data):
        self.wire.decide(data)
        return self.judged(data)

    def ended(self, case, patience=PATIENCE):
        """The stop reason of the ticket's last run, with the code it ended for."""

        def look():
            found = self.rows("SELECT state, stop_reason FROM executor.run WHERE tenant_id = %s AND ticket_id = %s ORDER BY run DESC LIMIT 1",
                              case.tenant, case.ticket)
            return found and found[0][0] == "stopped" and found[0][1]

        return self.until(look, patience) or "still running"

    def step_codes(self, case):
        """State and codes of the refund's last step."""
        found = self.rows("SELECT state, codes FROM executor.step WHERE tenant_id = %s AND ticket_id = %s AND tool = 'issue_refund' "
                          "ORDER BY run DESC, step DESC LIMIT 1", case.tenant, case.ticket)
        return found[0] if found else ("absent", [])

    def _story(self, key):
        """What the executor knows of a ticket, in short."""
        tenant, ticket = key.split("/", 1)
        its = "WHERE tenant_id = %s AND ticket_id = %s ORDER BY run"
        runs = self.rows(f"SELECT run, state, stop_reason, codes FROM executor.run {its}", tenant, ticket)
        steps = self.rows(f"SELECT run, step, tool, state, codes, decision FROM executor.step {its}, step", tenant, ticket)
        return f"runs {runs}, steps {steps}"

    def journal(self):
        with urllib.request.urlopen(self.fleet.sandbox_url + "/_control/journal?limit=1000000", timeout=30) as answer:
            return [entry for entry in json.load(answer)["entries"] if entry["kind"] == "refund"]

    def refunds(self, case):
        return sum(entry["tenant"] == case.tenant and entry["target"] == case.order for entry in self.journal())

    def change_order(self, case, **fields):
        body = json.dumps({"tenant": case.tenant, "collection": "orders", "id": case.order, "set": fields}).encode()
        request = urllib.request.Request(self.fleet.sandbox_url + "/_control/change", body, {"content-type": "application/json"}, method="POST")
        urllib.request.urlopen(request, timeout=10).read()

    def handoff_open(self, case):
        return bool(self.rows("SELECT 1 FROM approval.handoff WHERE tenant_id = %s AND ticket_id = %s AND state = 'open'", case.tenant, case.ticket))

