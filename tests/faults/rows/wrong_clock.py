"""Row 15: one service's clock is an hour off, or jumps back. Leases go by the database's clock, so nothing is claimed twice and nothing starves.

No tickets with approvals here: a decision or countersignature that is an hour off is refused, which tests/approval shows. The outbox service stays
within the 300 s that receivers of webhooks allow.
"""

import glob
import os

from row import Row

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


class WrongClock(Row):
    number, title = 15, "clock ±1 h, jump back"
    kinds = ("small", "foreign", "other", "closed", "talked")

    def harm(self):
        arena = self.arena
        if LIBRARY is None:
            return self.refuse()
        member = self.dice.choice(("planner", "executor", "outbox"))
        offset = self.dice.choice((-1, 1)) * (200 if member == "outbox" else 3600)
        wish = os.path.join(arena.workdir, "clock")
        self.write(wish, offset)
        arena.kill(member)
        arena.restart(member, env={"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": wish, "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})["unfit"] = True
        self.counts[f"{member} {offset:+} s"] += 1
        arena.pause(4.0)
        self.write(wish, -offset)  # jumps by twice as much while it works
        self.counts["jumps"] += 1
        arena.pause(4.0)
        arena.kill(member)
        arena.restart(member)["unfit"] = True
        arena.pause(1.0)

    def refuse(self):
        if not self.objections:
            self.object("libfaketime is missing (Debian: apt-get install libfaketime)")
        self.arena.pause(1.0)

    @staticmethod
    def write(path, offset):
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(f"{offset:+}\n")
        os.replace(path + ".new", path)
