"""Row 22: a random subset of everything is stopped one by one and started in another order."""

import time

from row import Row

EVERYTHING = ("planner", "executor", "approval", "outbox", "postgres", "kafka")


class Swizzle(Row):
    number, title = 22, "swizzle"

    def harm(self):
        arena, dice = self.arena, self.dice
        arena.pause(dice.uniform(2.0, 4.0))
        chosen = dice.sample(EVERYTHING, dice.randint(2, len(EVERYTHING)))
        down = time.time()
        arena.note("server_down")
        for name in chosen:
            self.stop(name)
            arena.pause(dice.uniform(0.0, 0.5))
        dice.shuffle(chosen)
        for name in chosen:
            self.start(name, down)
            arena.pause(dice.uniform(0.0, 0.5))
        self.counts["swizzled"] += len(chosen)
        arena.pause(3.0)

    def stop(self, name):
        arena = self.arena
        if name == "postgres":
            return arena.postgres.crash() if self.dice.random() < 0.5 else arena.postgres.stop_at_once()
        if name == "kafka":
            return arena.kafka.kill() if self.dice.random() < 0.5 else arena.kafka.stop()
        arena.held.add(name)
        return arena.kill(name)

    def start(self, name, down):
        arena = self.arena
        if name == "postgres":
            arena.postgres.start()
        elif name == "kafka":
            arena.start_kafka()
        else:
            arena.restart(name)["unfit"] = True  # what it needs may not be there yet
            return
        arena.note("noise", None, server=name, down_at=down)
