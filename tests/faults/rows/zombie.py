"""Row 3: a process is stopped past its session timeout, its work is taken over, and it wakes up. The fence refuses what it still believes to own."""

import signal

from row import Row

PAST_THE_SESSION = 11.0  # seconds; the session timeout is 8
EXTRA = ("planner~2", "executor~2", "approval~2", "outbox~2")


class Zombie(Row):
    number, title = 3, "zombie: stopped, taken over, continued"
    more_members = EXTRA

    def harm(self):
        arena = self.arena
        member = self.dice.choice(arena.members())
        arena.note("gone", member, instance=arena.instance(member))
        arena.send(member, signal.SIGSTOP)
        self.counts[arena.program(member)] += 1
        arena.pause(PAST_THE_SESSION)
        arena.note("noise", member)
        arena.send(member, signal.SIGCONT)
        arena.pause(self.dice.uniform(3.0, 4.0))

    def mend(self):
        """How often the fence had something to refuse: what the services' logs say."""
        for member in self.arena.members():
            self.counts["refused by the fence"] += self.arena.log_tail(member, 1 << 30).count('"fence_lost"')
