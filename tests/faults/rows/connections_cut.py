"""Row 10: connections to PostgreSQL are cut at random, and then there is none to be had. Services back off, and are not busy while they wait."""

from row import Row

EXHAUSTED_FOR = 5.0
MOST_CPU = 0.5  # of a core, while there is nothing to be had


class ConnectionsCut(Row):
    number, title = 10, "connections cut, pool exhausted"
    proxied = ("planner", "executor", "approval", "outbox")

    def harm(self):
        self.cut_at_random() if self.dice.random() < 0.6 else self.exhaust()
        self.arena.pause(self.dice.uniform(1.0, 2.0))

    def cut_at_random(self):
        self.arena.proxy_wish(cut=0.02)
        self.arena.pause(self.dice.uniform(1.0, 2.0))
        self.counts["cut"] = self.arena.proxy_wish(cut=0.0)["cut"]
        ended = self.supervisor.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'countersign_%' AND usename <> 'countersign_admin'"
                                      " AND random() < 0.3")
        self.counts["ended by the server"] += ended[0][0]

    def exhaust(self):
        self.counts["exhausted"] += 1
        self.arena.note("server_down")
        self.arena.proxy_wish(refuse=True)
        self.supervisor.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'countersign_%' AND usename <> 'countersign_admin'")
        before = self.arena.cpu_seconds()
        self.arena.pause(EXHAUSTED_FOR)
        after = self.arena.cpu_seconds()
        self.arena.proxy_wish(refuse=False)
        for member in ("planner", "executor", "approval", "outbox"):
            busy = (after[member] - before.get(member, 0.0)) / EXHAUSTED_FOR
            if busy > MOST_CPU:
                self.object(f"{member} used {busy:.2f} of a core while it waited for a connection")

    def mend(self):
        self.arena.proxy_wish(cut=0.0, refuse=False)
        self.arena.pause(3.0)
