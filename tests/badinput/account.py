"""Account: after everything: every dead letter explained by a throw, every good ticket ended and paid once, no service gone, memory flat."""

import collections

MOST_GROWTH = 8 * 1024 * 1024  # bytes since the first half of the load
GROUP = "In the end"


class Account:
    def __init__(self, yard):
        self.yard = yard
        self.weights = {}  # moment -> service -> resident bytes
        self.reasons = collections.Counter()
        self.unexplained = self.thrown = 0
        self.good = {"sent": 0, "ended": 0}

    def weigh(self, moment):
        self.weights[moment] = self.yard.resident_bytes()

    def close(self):
        self._explain()
        self._count_good()
        self._count_money()
        yard = self.yard
        restarted = yard.restarted()
        yard.table.add(GROUP, "no service died or was started again", ", ".join(restarted) or "none", not restarted)
        parked = sum(yard.rows(f"SELECT count(*) FROM {service}.parked")[0][0] for service in yard.fleet.services)
        yard.table.add(GROUP, "no message waits for another", f"{parked} parked", parked == 0)
        self._judge_memory()

    def _explain(self):
        yard = self.yard
        due = {one.place(): one.due for one in yard.thrown if one.receipt}
        found = yard.dead_letters()
        self.thrown = len(yard.thrown)
        self.reasons = collections.Counter(reason for services in found.values() for reason in services.values())
        wrong = [(place, services) for place, services in found.items() if services != due.get(place)]
        missing = [place for place, services in due.items() if services and place not in found]
        self.unexplained = len(wrong) + len(missing)
        yard.table.add(GROUP, "every dead letter is due, and every one that is due is there",
                       f"{sum(self.reasons.values())} of {len(due)} messages; unexplained {self.unexplained} {(wrong + missing)[:3] or ''}",
                       not self.unexplained)
        rows = sum(self.reasons.values())
        copies = yard.until(lambda: yard.dead_in_log() >= rows and yard.dead_in_log())
        yard.table.add(GROUP, "each has its copy on the topic of dead letters", f"{copies} copies of {rows}", copies == rows)

    def _count_good(self):
        yard = self.yard
        unended = yard.unended(yard.cases)
        self.good = {"sent": len(yard.cases), "ended": len(yard.cases) - len(unended)}
        yard.table.add(GROUP, "every good ticket has ended", f"{self.good['ended']} of {self.good['sent']} {[case.key for case in unended[:3]] or ''}",
                       not unended)

    def _count_money(self):
        yard = self.yard
        due, paid = collections.Counter(), yard.paid()
        for case in yard.cases:
            due[(case.tenant, case.order)] += case.refunds
        wrong = [(key, due[key], paid[key]) for key in set(due) | set(paid) if due[key] != paid[key]]
        yard.table.add(GROUP, "every refund that was due is in the shop's journal once, and no other",
                       f"{sum(paid.values())} refunds, {len(wrong)} wrong {wrong[:3] or ''}", not wrong)

    def _judge_memory(self):
        """Needs a load: what the rows make resident for the first time is no growth."""
        if "end" not in self.weights:
            return
        for service in self.yard.fleet.services:
            told = ", ".join(f"{moment} {weights[service] / 2**20:.1f}" for moment, weights in self.weights.items())
            grown = self.weights["end"][service] - self.weights["middle"][service]
            self.yard.table.add(GROUP, f"memory of the {service} in MiB", told, grown <= MOST_GROWTH)
