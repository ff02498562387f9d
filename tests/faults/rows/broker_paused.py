"""Row 7: the broker is stopped for half a minute. What services hold back is bounded, and all of it comes out afterwards."""

import time

from row import Row

PAUSE = 30.0
MOST_GROWTH = 64 * 1024 * 1024


class BrokerPaused(Row):
    number, title = 7, "broker paused for 30 s"

    def harm(self):
        arena = self.arena
        arena.pause(4.0)
        before = {member: arena.resident_bytes(member) for member in arena.members()}
        down = time.time()
        arena.note("server_down")
        arena.pause_kafka(True)
        self.counts["paused"] += 1
        arena.pause(PAUSE)
        after = {member: arena.resident_bytes(member) for member in arena.members()}
        arena.pause_kafka(False)
        arena.note("server_up", server="kafka", down_at=down)
        for member, size in after.items():
            if size - before.get(member, size) > MOST_GROWTH:
                self.object(f"{member} grew by {(size - before[member]) >> 20} MiB while the broker was silent")
        arena.pause(6.0)

    def mend(self):
        self.arena.pause_kafka(False)
        self.arena.pause(4.0)
