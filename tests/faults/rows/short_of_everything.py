"""Row 20: memory, file descriptors and threads run out; the kernel kills. Services degrade or die, come back, and nothing is lost."""

import resource

from row import Row


class ShortOfEverything(Row):
    number, title = 20, "memory, descriptors, threads; OOM kill"

    def harm(self):
        member = self.dice.choice(("planner", "executor", "approval", "outbox"))
        what = self.dice.choice(("memory", "descriptors", "killed", "descriptors from the start"))
        self.counts[what] += 1
        getattr(self, what.replace(" ", "_"))(member)
        self.arena.pause(self.dice.uniform(1.0, 2.0))

    def limit(self, member, which, most):
        """Of what it may have from now on; a death because of it is made good without the limit."""
        arena = self.arena
        resource.prlimit(arena.pid(member), which, (most, resource.prlimit(arena.pid(member), which)[1]))
        arena.pause(3.0)
        if arena.alive(member):
            hard = resource.prlimit(arena.pid(member), which)[1]
            resource.prlimit(arena.pid(member), which, (hard, hard))

    def memory(self, member):
        with open(f"/proc/{self.arena.pid(member)}/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        self.limit(member, resource.RLIMIT_AS, mapped + (1 << 20))

    def descriptors(self, member):
        self.limit(member, resource.RLIMIT_NOFILE, 8)

    def killed(self, member):
        self.arena.note("kill", member)
        self.arena.kill(member)

    def descriptors_from_the_start(self, member):
        arena = self.arena
        arena.kill(member)
        arena.restart(member, limits={resource.RLIMIT_NOFILE: 40})["unfit"] = True
        arena.pause(4.0)
        arena.kill(member)
        arena.restart(member)
