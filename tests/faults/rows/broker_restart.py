"""Row 6: the broker is restarted or killed. Everything stalls and recovers in time. (One broker: what a change of leader does needs three.)"""

import time

from row import Row


class BrokerRestart(Row):
    number, title = 6, "broker restart, kill -9"

    def harm(self):
        arena = self.arena
        arena.pause(self.dice.uniform(4.0, 6.0))
        down = time.time()
        arena.note("server_down")
        if self.dice.random() < 0.5:
            self.counts["killed"] += 1
            arena.kafka.kill()
        else:
            self.counts["restarted"] += 1
            arena.kafka.stop()
        arena.pause(self.dice.uniform(0.2, 2.0))
        arena.start_kafka()
        arena.note("server_up", server="kafka", down_at=down)
        arena.pause(3.0)

    def mend(self):
        self.arena.pause(8.0)
