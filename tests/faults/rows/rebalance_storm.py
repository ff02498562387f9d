"""Row 4: members come and go every one to three seconds. There is progress, and nothing is lost."""

from row import Row


class RebalanceStorm(Row):
    number, title = 4, "rebalance storm"

    def harm(self):
        arena = self.arena
        member = f"{self.dice.choice(('planner', 'executor', 'approval', 'outbox'))}~{self.dice.choice((2, 3))}"
        if member not in arena.members():
            self.counts["joins"] += 1
            arena.start_service(member)
        elif self.dice.random() < 0.5:
            self.counts["leaves"] += 1
            arena.dismiss(member)
        else:
            self.counts["deaths"] += 1
            arena.lose(member)
        arena.pause(self.dice.uniform(1.0, 3.0))

    def mend(self):
        for member in [one for one in self.arena.members() if "~" in one]:
            self.arena.dismiss(member)
