"""Row 2: COMMIT is done, or is never heard of, and its answer is lost. The batch's witness row decides; nothing happens twice."""

from row import Row


class CommitAnswerLost(Row):
    number, title = 2, "commit done, answer lost"
    proxied = ("planner", "executor", "approval", "outbox")

    def harm(self):
        arena = self.arena
        arena.proxy_wish(swallow=self.dice.uniform(0.02, 0.10), forestall=self.dice.uniform(0.0, 0.05))
        arena.pause(self.dice.uniform(1.0, 3.0))
        arena.proxy_wish(swallow=0.0, forestall=0.0)
        arena.pause(self.dice.uniform(0.5, 1.5))

    def mend(self):
        done = self.arena.proxy_wish(swallow=0.0, forestall=0.0)
        self.counts.update({"answers lost after COMMIT": done["swallowed"], "COMMITs lost": done["forestalled"]})
        if not done["swallowed"]:
            self.object("no answer to a COMMIT was lost: the row tried nothing")
