"""Row 1: kill -9 at every commit point. Invariants 1 to 7 hold, and what was killed and started again is at work within a second."""

import collections
import os
import time

from row import Row

CORE = ("after_poll", "mid_transaction", "before_apply", "after_commit", "after_produce", "after_delivery_report", "before_outbox_delete")
POINTS = {
    "planner": CORE,
    "executor": (*CORE, "before_call", "before_send", "after_answer", "before_record", "after_record", "after_reap", "after_look", "after_preview",
                 "after_preview_recorded"),
    "approval": (*CORE, "after_expiry"),
    "outbox": (*CORE, "before_take", "before_webhook", "after_webhook", "after_attempts_recorded", "before_mail", "smtp_after_dot", "after_mail_recorded"),
}
OFTEN = {"before_call", "mid_transaction", "after_commit", "after_produce", "after_delivery_report", "before_send", "after_answer"}  # claim, commit, publish, call
SELDOM = {"after_expiry", "after_look", "after_reap", "before_mail", "smtp_after_dot", "after_mail_recorded", "after_preview", "after_preview_recorded"}
PATIENCE = 6.0  # seconds until a point that is not passed makes room for another
BREATHER = 2.0  # seconds that every fourth life of a service has: what is under work in five deaths in a row is poison, and set aside (row 19)


def wanted(point):
    return 20 if point in OFTEN else 2


class CrashPoints(Row):
    number, title = 1, "kill -9 at every commit point"

    def __init__(self, arena, dice, state):
        super().__init__(arena, dice, state)
        self.log = os.path.join(arena.workdir, "crashes")
        self.armed, self.since, self.barren, self.lives = {}, {}, {}, collections.Counter()
        arena.on_death = self.arm_next

    def choose(self, service):
        """The point that is furthest from what is wanted of it, chance deciding between equals."""
        hits = self.state.setdefault("hits", {})
        return min(POINTS[service], key=lambda point: (min(1.0, hits.get(f"{service}/{point}", 0) / wanted(point)) + self.barren.get((service, point), 0) / 4,
                                                       self.dice.random()))

    def arm_next(self, member, _status):
        self.count_hits(member)
        self.since[member] = time.monotonic()
        self.lives[member] += 1
        if self.lives[member] % 4 == 0:
            self.armed[member] = None
            return {}
        point = self.choose(self.arena.program(member))
        passage = 1 if point in SELDOM else self.dice.randint(1, 6)
        self.armed[member] = point
        return {"env": {"COUNTERSIGN_CRASH_AT": f"{point}:{passage}", "COUNTERSIGN_CRASH_LOG": f"{self.log}-{self.arena.program(member)}"}}

    def count_hits(self, member):
        """From what the dying wrote down, not from what was meant to happen."""
        service = self.arena.program(member)
        path = f"{self.log}-{service}"
        if not os.path.exists(path):
            return
        with open(path, encoding="ascii") as file:
            points = file.read().split()
        os.unlink(path)
        for point in points:
            self.counts[f"{service}/{point}"] += 1
            self.state["hits"][f"{service}/{point}"] = self.state["hits"].get(f"{service}/{point}", 0) + 1

    def harm(self):
        for service in POINTS:
            if service not in self.armed:
                self.arena.note("kill", service)
                self.arena.kill(service)
        self.arena.keep_up()
        for member, since in self.since.items():
            point = self.armed[member]
            if time.monotonic() - since > (PATIENCE if point else BREATHER) and self.arena.alive(member):
                if point:
                    self.barren[(member, point)] = self.barren.get((member, point), 0) + 1
                self.counts[f"{member}/anywhere"] += 1
                self.arena.kill(member)
        self.arena.pause(0.05)

    def mend(self):
        self.arena.on_death = lambda member, status: None
        for member in list(self.armed):
            self.arena.kill(member)
            self.count_hits(member)
            self.arena.restart(member)
