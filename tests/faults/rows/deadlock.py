"""Row 13: somebody takes the services' locks in the wrong order, and two reviewers contradict each other at once. One wins, the others are told."""

import time

import psycopg2
from row import Row


class Deadlock(Row):
    number, title = 13, "deadlock, conflict, two approvers at once"
    kinds = ("small", "approved", "denied", "foreign")
    rivals = True

    def __init__(self, arena, dice, state):
        super().__init__(arena, dice, state)
        self.remarks["rivals"] = True

    def harm(self):
        service = self.dice.choice(("planner", "executor", "outbox", "approval"))
        connection = psycopg2.connect(self.arena.admin_dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET deadlock_timeout = '10s'")  # let the service be the one that notices
                cursor.execute(f"SELECT key FROM {service}.key_state ORDER BY ctid DESC LIMIT 6")
                for key, in sorted(cursor.fetchall(), reverse=True):
                    cursor.execute(f"SELECT 1 FROM {service}.key_state WHERE key = %s FOR UPDATE", (key,))
                    time.sleep(0.02)
                self.counts["locked in the wrong order"] += 1
        except psycopg2.errors.DeadlockDetected:
            self.counts["deadlocks found"] += 1
        finally:
            connection.close()
        self.arena.pause(self.dice.uniform(0.05, 0.4))
