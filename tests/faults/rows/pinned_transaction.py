"""Row 12: a transaction with a snapshot and an id stays open under load, so that nothing dead can be cleaned away. The slowdown is bounded."""

import psycopg2
from row import Row

MOST_TIMES_SLOWER = 5.0
SLACK = 1.0  # seconds


class PinnedTransaction(Row):
    number, title = 12, "a pinned transaction under load"
    holder = None

    def harm(self):
        if self.holder is None:
            self.counts["pinned"] += 1
            self.holder = psycopg2.connect(self.arena.admin_dsn)
            self.holder.set_session(isolation_level="REPEATABLE READ")
            with self.holder.cursor() as cursor:
                cursor.execute("SELECT txid_current(), count(*) FROM executor.run")
        self.arena.pause(1.0)

    def mend(self):
        took = self.supervisor.query("""SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM stopped_at - opened_at)) FROM
            (SELECT *, ntile(5) OVER (ORDER BY opened_at) AS fifth FROM executor.run WHERE stop_reason IN ('resolved', 'denied') AND stopped_at - opened_at < interval '10 s') r
            WHERE fifth IN (1, 5) GROUP BY fifth ORDER BY fifth""")
        if len(took) == 2 and took[1][0] > took[0][0] * MOST_TIMES_SLOWER + SLACK:
            self.object(f"the median ticket took {took[0][0]:.2f} s at first and {took[1][0]:.2f} s at last")
        self.holder.rollback()
        self.holder.close()
