"""Row 11: PostgreSQL answers slowly, or somebody holds a lock. Batches grow, memory does not."""

import psycopg2
from row import Row

MOST_GROWTH = 64 * 1024 * 1024
LOCKS = ("planner.key_state", "executor.key_state", "executor.step", "outbox.delivery", "approval.key_state", "executor.consumer_offset")


class SlowDatabase(Row):
    number, title = 11, "slow database, lock holder"
    proxied = ("planner", "executor", "approval", "outbox")

    def harm(self):
        arena = self.arena
        before = {member: arena.resident_bytes(member) for member in arena.members()}
        if self.dice.random() < 0.5:
            self.counts["slow"] += 1
            arena.proxy_wish(delay_ms=self.dice.randint(20, 120))
            arena.pause(5.0)
            arena.proxy_wish(delay_ms=0)
        else:
            self.hold_a_lock(self.dice.choice(LOCKS))
        for member, size in before.items():
            if arena.resident_bytes(member) - size > MOST_GROWTH:
                self.object(f"{member} grew by {(arena.resident_bytes(member) - size) >> 20} MiB while the database was slow")
        arena.pause(2.0)

    def hold_a_lock(self, table):
        self.counts["locked"] += 1
        holder = psycopg2.connect(self.arena.admin_dsn)
        with holder.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            self.arena.pause(4.0)
        holder.rollback()
        holder.close()

    def mend(self):
        self.arena.proxy_wish(delay_ms=0)
