"""What happens while the executor is away: it comes back to countersignatures that are out of date, and to stricter rules."""

import time

import documents
from bench import COUNTERSIGNATURE_VALIDITY, SKEW

GROUP = "The executor comes back late"


class Outage:
    def __init__(self, bench):
        self.bench = bench
        self.late = bench.case("late", refunds=1)
        self.grown = bench.case("grown", tenant="initech", refunds=1)
        self.brief = None
        self._granted_at = 0.0
        self._granted = {}

    def begin(self):
        """People decide, and nobody is there to hear it."""
        bench = self.bench
        self.brief = bench.case("too-late", amount=documents.BRIEF)
        bench.publish()
        asked = {case.key: bench.asked(case) for case in (self.late, self.grown, self.brief)}
        bench.fleet.kill("executor")
        for case, person in ((self.late, "lea"), (self.brief, "lea"), (self.grown, "ina")):
            bench.decide(bench.person(person, case.tenant).decide(asked[case.key], "approve"))
            bench.wire.wait_for(case.key, "verdict.granted")
        self._granted, self._granted_at = asked, time.monotonic()
        bench.apply(documents.policy("initech", version=2, leads=2))

    def end(self):
        """Not before every countersignature is out of date, whatever clocks may differ by."""
        bench = self.bench
        time.sleep(max(0.0, self._granted_at + COUNTERSIGNATURE_VALIDITY + SKEW + 2 - time.monotonic()))
        bench.fleet.start_service("executor")
        bench.fleet.wait_ready(["executor"])

    def check(self):
        self.bench.play(GROUP, (self.check_late, self.check_brief, self.check_grown))

    def _row(self, tried, answer, holds):
        self.bench.table.add(GROUP, tried, answer, holds)

    def check_late(self):
        bench, case = self.bench, self.late
        end, paid = bench.ended(case), bench.refunds(case)
        renewals = len(bench.wire.heard(case.key, "referral.renewal"))
        granted = len(bench.wire.heard(case.key, "verdict.granted"))
        self._row("a countersignature is out of date when it is read",
                  f"{renewals} renewal asked for, {granted} verdicts; {end}, paid {paid} time",
                  (end, paid) == ("resolved", 1) and renewals >= 1 and granted == renewals + 1)

    def check_brief(self):
        bench, case = self.bench, self.brief
        end, paid = bench.ended(case), bench.refunds(case)
        state = bench.approval_state(self._granted[case.key])
        self._row("… and the approval's own time is over as well", f"{state}; {end}, paid {paid} times",
                  (state, end, paid) == ("expired", "escalated", 0))

    def check_grown(self):
        bench, case = self.bench, self.grown
        old, new = self._granted[case.key], bench.asked(case, 2)
        state, people = bench.becomes(old, "withdrawn"), new["requirement"]["roles"]
        self._row("the policy asks for more than was approved", f"{state}; asked again for {people}, paid {bench.refunds(case)} times",
                  state == "withdrawn" and people == [{"role": "lead", "people": 2}] and bench.refunds(case) == 0)
        one = bench.decide(bench.person("ina", "initech").decide(new, "approve"))
        between = bench.approval_state(new)
        two = bench.decide(bench.person("ivo", "initech").decide(new, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("… two leads approve", f"{one}, {between}, {two}; {end}, paid {paid} time",
                  (one, between, two, end, paid) == ("counted", "requested", "counted", "resolved", 1))
