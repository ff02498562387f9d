"""Trial: what the foreign clients do with a company's fleet, and whether it came out as it must."""

import collections

import tickets
from company import reviewer_mode
from tickets import KINDS


def compared(reading):
    """A reading without the judge's own remarks, in the order of the log."""
    return sorted(({name: value for name, value in one.items() if name != "problems"} for one in reading),
                  key=lambda one: (one["topic"], one["partition"], one["offset"]))


class Trial:
    def __init__(self, company, clients, findings):
        self.company, self.clients, self.findings = company, clients, findings
        self.messages = []
        self.written = {}
        self.was_read = {client.name: 0 for client in clients}
        self.sent = {}
        self._channels = {}
        self._tickets = []

    # ---- documents

    def check_asyncapi(self, node, path):
        said = node.call("asyncapi_check.js", path)
        self._channels = said["topics"]
        there = self.company.topics()
        wrong = said["errors"] + [f"{topic} is {'not described' if topic in there else 'not there'}" for topic in there ^ set(self._channels)]
        self.findings.add(f"AsyncAPI {said.get('version')}: its parser's errors, topics that the broker has", len(self._channels), wrong)

    # ---- writing

    def publish(self):
        by_client = {client.name: tickets.tickets_of(client.name) for client in self.clients}
        journeys = tickets.journeys([client.name for client in self.clients])
        self.messages = [one for messages in [*by_client.values(), *journeys] for one in messages]
        self._tickets = list({one.ticket: None for one in self.messages})
        self.company.stock(self._tickets)
        for client in self.clients:
            self.written[client.name] = client.write(by_client[client.name])
        for stations in zip(*journeys):  # one after the other: what a client writes must be in the log before the next goes on
            for message in stations:
                client = next(one for one in self.clients if one.name == message.client)
                self.written[client.name] += client.write([message])

    def wait(self):
        owed = self.company.wait_until_done(len(self.messages))
        self.findings.add("everything came to its end", len(self.messages), [f"{n} {what}" for what, n in owed.items()])
        ends = self.company.dismiss_reviewers()
        self.findings.add("sample reviewers ended well", len(ends), [f"exit {end}" for end in ends if end])

    # ---- what the fleet made of it

    def check_records(self):
        """Planner and executor must have understood exactly what each client meant."""
        for service in ("planner", "executor"):
            kept = {(tenant, source, event): (kind, bytes(digest).hex()) for tenant, source, event, kind, digest in self.company.rows(
                f"SELECT tenant_id, source, event_id, type, digest FROM {service}.ticket_event")}
            for client in self.clients:
                for mode in tickets.MODES:
                    mine = [one for one in self.messages if (one.client, one.mode) == (client.name, mode)]
                    wrong = [f"{one.id}: {kept.get((one.ticket.tenant, one.source, one.id))}" for one in mine
                             if kept.get((one.ticket.tenant, one.source, one.id)) != (one.type, one.digest)]
                    self.findings.add(f"{service} has what {client.name} wrote, {mode}", len(mine), wrong)
        self._check_order()
        dead = [row for service in self.company.fleet.services for row in self.company.rows(f"SELECT '{service}', topic, reason FROM {service}.dead_letter")]
        self.findings.add("none of it was set aside", len(self.messages), [str(row) for row in dead])
        self._check_decisions()

    def _check_order(self):
        """A ticket that goes from client to client keeps its order, because all of them put a key on the same partition."""
        journeys = tickets.journeys([client.name for client in self.clients])
        wrong = []
        for stations in journeys:
            ticket = stations[0].ticket
            kept = [event for event, in self.company.rows("SELECT event_id FROM executor.ticket_event WHERE tenant_id = %s AND ticket_id = %s ORDER BY version",
                                                          ticket.tenant, ticket.name)]
            if kept != [one.id for one in stations]:
                wrong.append(f"{ticket.key}: {kept}")
        self.findings.add("what clients wrote by turns has kept its order", sum(map(len, journeys)), wrong)
        places = self.company.partitions_of()
        self.findings.add("all clients and services place a key alike", len(places), [f"{key} on {sorted(at)}" for key, at in places.items() if len(at) > 1])

    def _check_decisions(self):
        counted = dict(self.company.rows("SELECT person, count(*) FROM approval.decision WHERE counted GROUP BY 1"))
        refused = self.company.rows("SELECT person, code FROM approval.decision WHERE NOT counted")
        for tenant, crew in tickets.REVIEWERS.items():
            for number, person in enumerate(crew):
                due = sum(KINDS[one.kind].decisions[number] for one in self._tickets if one.tenant == tenant and one.kind in KINDS)
                wrong = [f"{counted.get(person, 0)} of {due} counted"] if counted.get(person, 0) != due else []
                wrong += [f"one did not count: {code}" for of, code in refused if of == person]
                self.findings.add(f"decisions of the sample reviewer {person} counted, {reviewer_mode(tenant, person)}", due, wrong)

    # ---- reading

    def expected_outcomes(self):
        return {one.key: KINDS[one.kind].outcome for one in self._tickets if one.kind in KINDS}

    def read(self):
        """Upstream reads its outcomes, a reviewer the approvals; every client the same, each with its own eyes."""
        plan = {"outcomes": "upstream", "approvals": "reviewer"}
        ends = {topic: self.company.ends(topic) for topic in plan}
        first = None
        for client in self.clients:
            reading = [one for topic, user in plan.items() for one in client.read(user, {topic: ends[topic]})]
            self.was_read[client.name] = len(reading)
            self._check_reading(client.name, reading, sum(end + 1 for topic in ends.values() for end in topic.values()))
            if first is None:
                first = compared(reading)
            else:
                differing = [f"{mine} | {theirs}" for mine, theirs in zip(compared(reading), first) if mine != theirs]
                self.findings.add(f"{client.name} read what {self.clients[0].name} read", len(reading), differing)

    def _check_reading(self, name, reading, there):
        wrong = [f"{one['topic']}: {problem}" for one in reading for problem in one["problems"]]
        wrong += [f"{one['topic']}: AsyncAPI knows no {one.get('type')} there" for one in reading if one.get("type") not in self._channels[one["topic"]]]
        wrong += [f"{there - len(reading)} not read"] if there != len(reading) else []
        self.findings.add(f"{name} read CloudEvents, and gets them back from each mode", len(reading), wrong)
        told = {topic: collections.defaultdict(list) for topic in ("outcomes", "approvals")}
        for one in compared(reading):
            told[one["topic"]][one["key"]].append(one.get("type"))
        due = {one.key: ([KINDS[one.kind].outcome], list(KINDS[one.kind].approvals)) for one in self._tickets if one.kind in KINDS}
        wrong = [f"{key}: {told['outcomes'][key]}, {told['approvals'][key]}" for key, both in due.items()
                 if (told["outcomes"][key], told["approvals"][key]) != both]
        self.findings.add(f"{name} read how each ticket went", len(due), wrong)

    def check_refunds(self):
        due = collections.Counter({(one.tenant, one.order): KINDS[one.kind].refunds for one in self._tickets if one.kind in KINDS})
        paid = collections.Counter(self.company.refunds())
        wrong = [f"{key}: {paid[key]} instead of {due[key]}" for key in set(due) | set(paid) if paid[key] != due[key]]
        self.findings.add("the shop's journal has every refund once", sum(paid.values()), wrong)

    def verified(self, findings):
        """library -> how many webhooks of ours it verified."""
        start = "webhooks of ours, verified by "
        return {row["check"][len(start):]: row["looked_at"] for row in findings.rows if row["check"].startswith(start)}
