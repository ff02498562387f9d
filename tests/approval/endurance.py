"""Very many approvals that wait, while everything that keeps them is killed and started again."""

import os
import random
import signal
import time

GROUP = "Waiting through restarts of everything"
SAMPLE = 200
PLACE = "tenant_id = 'acme' AND ticket_id LIKE 'waiting-%'"


class Endurance:
    def __init__(self, bench, waiting, seed=8):
        self.bench, self.waiting = bench, waiting
        self.dice = random.Random(seed)

    def play(self):
        begin = time.monotonic()
        self._ask()
        before, same = self._kept(), self._kept() == self._kept("executor.approval", "stage")
        self._row(f"{self.waiting} refunds wait; the services were killed while people were asked",
                  f"{len(before)} wait after {time.monotonic() - begin:.0f} s, executor and approval agree: {same}", len(before) == self.waiting and same)
        again = time.monotonic()
        self._restart_everything()
        seconds, after = time.monotonic() - again, self._kept()
        same = before == after == self._kept("executor.approval", "stage")
        self._row("services, Kafka and PostgreSQL killed and started again", f"{len(after)} wait, digests the same: {same}; all ready after {seconds:.0f} s",
                  same and len(after) == self.waiting)
        told = self._told()
        self._row("… each was asked for", f"once: {told.count(1)}, otherwise: {len(told) - told.count(1)} "
                  f"({self.bench.wire.repeats} messages came again under their ids)", told.count(1) == self.waiting)
        self._approve_some()

    def _row(self, tried, answer, holds):
        self.bench.table.add(GROUP, tried, answer, holds)

    def _kept(self, table="approval.approval", state="state"):
        return dict(self.bench.rows(f"SELECT approval_id, action_digest FROM {table} WHERE {PLACE} AND {state} = 'requested'"))

    def _count(self):
        return self.bench.rows(f"SELECT count(*) FROM approval.approval WHERE {PLACE} AND state = 'requested'")[0][0]

    def _told(self):
        """How often people were asked, for each; waits until the last has been read."""
        def told():
            asked = self.bench.wire.keys_with("approval.requested")
            return [len(asked.get(case.key, ())) for case in self.cases]

        self.bench.until(lambda: 0 not in told(), pause=0.5)
        return told()

    def _ask(self):
        bench = self.bench
        self.cases = [bench.case(f"waiting-{number:05}") for number in range(1, self.waiting + 1)]
        bench.publish()
        bench.until(lambda: self._count() >= self.waiting // 2, 60 + self.waiting / 10, pause=0.5)
        for name in bench.fleet.services:
            bench.fleet.kill(name)
            bench.fleet.start_service(name)
        bench.until(lambda: self._count() >= self.waiting, 60 + self.waiting / 10, pause=0.5)

    def _restart_everything(self):
        fleet = self.bench.fleet
        for name in fleet.services:
            fleet.kill(name)
        os.kill(fleet.postgres.pid, signal.SIGQUIT)  # at once, without a checkpoint: it recovers when it starts
        fleet.kafka.kill()
        fleet.postgres.stop()
        fleet.postgres.start()
        fleet.kafka.start()
        for name in fleet.services:
            fleet.start_service(name)
        fleet.wait_ready(deadline=120)

    def _approve_some(self):
        bench = self.bench
        chosen = self.dice.sample(self.cases, min(SAMPLE, self.waiting))
        asked = bench.wire.keys_with("approval.requested")
        approvals = [asked[case.key][0] for case in chosen]
        bench.wire.decide(*[bench.person("lea").decide(approval, "approve") for approval in approvals])
        ids = [approval["approval_id"] for approval in approvals]
        for case in chosen:
            case.refunds = 1

        def consumed():
            return bench.rows("SELECT count(*) FROM approval.approval WHERE approval_id = ANY (%s::uuid[]) AND state = 'consumed'", ids)[0][0]

        bench.until(lambda: consumed() == len(ids), 180, pause=0.5)
        paid = {entry["target"]: 0 for entry in bench.journal()}
        for entry in bench.journal():
            paid[entry["target"]] += 1
        once = sum(paid.get(case.order) == 1 for case in chosen)
        self._row(f"… a lead approves {len(ids)} of them", f"{consumed()} consumed, {once} paid once; {self._count()} still wait",
                  consumed() == once == len(ids) and self._count() == self.waiting - len(ids))
