"""Row 8: PostgreSQL is killed or stopped at once, under load. Services reconnect, commits in doubt are resolved, nothing is lost or done twice."""

import time

from row import Row


class PostgresKilled(Row):
    number, title = 8, "PostgreSQL killed, immediate stop"

    def harm(self):
        arena = self.arena
        arena.pause(self.dice.uniform(4.0, 7.0))
        hard = self.dice.random() < 0.5
        down = time.time()
        arena.postgres.crash() if hard else arena.postgres.stop_at_once()
        self.counts["killed" if hard else "stopped at once"] += 1
        arena.note("server_down")
        arena.pause(self.dice.uniform(0.2, 3.0))
        arena.postgres.start()
        arena.note("server_up", server="postgres", down_at=down)

    def mend(self):
        self.arena.pause(8.0)
