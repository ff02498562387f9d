"""Row 5: a second process is started under the identity of the first. The older dies, nothing happens twice."""

import time

from row import Row

PATIENCE = 20.0


class DuplicateIdentity(Row):
    number, title = 5, "duplicate member identity"

    def harm(self):
        arena = self.arena
        older = self.dice.choice(("planner", "executor", "approval", "outbox"))
        newer = f"{older}~2"
        arena.pause(2.0)
        arena.held.add(older)
        begin = time.monotonic()
        arena.start_service(newer, instance=arena.instance(older))
        self.counts[older] += 1
        if arena.pause(PATIENCE, until=lambda: not arena.alive(older)):
            self.counts[f"the older {older} died within {int(time.monotonic() - begin) + 1} s"] += 0
        else:
            self.object(f"the older {older} lives on beside its double")
        arena.pause(1.0)
        arena.lose(newer)
        arena.kill(older)
        arena.restart(older)
        arena.pause(2.0)
