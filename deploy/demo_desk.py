"""The people of the demo: they look at what waits for approval, and decide it on the command line as the samples say.

Also the outside world, which does not stand still meanwhile: what a sample says happens once its approval waits.
"""

import json


class Desk:
    def __init__(self, fleet, samples, publish, change):
        """publish(events) sends ticket events, change(body) alters the shop behind everybody's back."""
        self._fleet, self._publish, self._change = fleet, publish, change
        self._later = {ticket_of(sample): list(sample.get("then", [])) for sample in samples}
        self._reviews = {ticket_of(sample): list(sample.get("review", [])) for sample in samples}
        self.said = {}  # ticket -> what the command answered, decision by decision

    def work(self):
        """One look at everything that waits."""
        waiting = self.approvals()
        for ticket, asked in waiting.items():
            for event in self._due(self._later, ticket):
                self._happen(event)
            self._decide(ticket, asked)

    def approvals(self):
        """ticket -> its approvals in the order in which they were asked for."""
        listed = json.loads(self._fleet.cli("approvals", "--all", "--limit", "1000", "--json").stdout)["approvals"]
        by_ticket = {}
        for approval in sorted(listed, key=lambda one: one["requested_at"] + one["id"]):
            by_ticket.setdefault(approval["ticket"], []).append(approval)
        return by_ticket

    def _due(self, plans, ticket):
        due, plans[ticket] = plans.get(ticket, []), []
        return due

    def _happen(self, event):
        if "change" in event:
            self._change(event["change"])
        if "events" in event:
            self._publish(event["events"])

    def _decide(self, ticket, asked):
        reviews = self._reviews.get(ticket, [])
        while reviews and len(asked) >= reviews[0]["approval"] and asked[reviews[0]["approval"] - 1]["state"] == "requested":
            review = reviews.pop(0)
            approval = asked[review["approval"] - 1]
            self.said.setdefault(ticket, []).append(self._say(approval, review))

    def _say(self, approval, review):
        command = decision_command(self._fleet, approval, review["verb"], review["as"])
        if "reason" in review:
            command += ["--reason", review["reason"]]
        done = self._fleet.cli(*command, check=False)
        return {"person": review["as"], "verb": review["verb"], "reason": review.get("reason"), "code": done.returncode,
                "answer": (done.stdout + done.stderr).strip()}


def decision_command(fleet, approval, verb, person):
    return [verb.replace("_", "-"), approval["id"], "--as", person, "--key", fleet.key_file(f"{approval['tenant']}/{person}"),
            "--environment", fleet.environment]


def ticket_of(sample):
    event = sample["events"][0]
    return f"{event['tenant']}/{event['ticket_id']}"
