"""Row 25, beside the page's table: two and three instances of every service, joining, leaving and dying under load. Takeover within 15 s."""

from row import Row

PROGRAMS = ("planner", "executor", "approval", "outbox")
LEFT_ALONE = 16.0  # seconds that a dead one stays dead, so that others must take over


class SeveralOfEach(Row):
    number, title = 25, "two and three of each, coming and going"
    more_members = tuple(f"{program}~2" for program in PROGRAMS)

    def harm(self):
        arena, dice = self.arena, self.dice
        third = f"{dice.choice(PROGRAMS)}~3"
        self.counts["joins"] += 1
        arena.start_service(third)
        arena.pause(dice.uniform(1.0, 4.0))
        victim = dice.choice([member for member in arena.members() if member != third])
        self.counts["deaths"] += 1
        arena.held.add(victim)
        arena.note("gone", victim, instance=arena.instance(victim))
        arena.kill(victim)
        arena.pause(LEFT_ALONE)
        arena.restart(victim)["unfit"] = True  # its partitions are others' now
        arena.pause(dice.uniform(0.5, 2.0))
        self.counts["leaves"] += 1
        arena.dismiss(third)

    def mend(self):
        for member in [one for one in self.arena.members() if one.endswith("~3")]:
            self.arena.dismiss(member)
