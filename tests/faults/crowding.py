"""Crowding: the control for every time that is measured here: how much of the machine went to others while the row was played.

Where others keep the processors busy, what a fleet's recovery takes says more about them than about the fleet. What our own processes use is the
fleet's affair and no excuse: their time, and that of their ended children, is taken off what the kernel counts as busy.
"""

import os
import time

EVERY = 2.0  # seconds


class Crowding:
    def __init__(self):
        self._before = None
        self._took = self._others = self._next = 0.0

    def measure(self):
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        now = (time.monotonic(), busy(), used_by(os.getpid()))
        if self._before is not None:
            took, in_all, ours = (after - before for before, after in zip(self._before, now))
            self._took += took
            self._others += max(0.0, in_all - max(0.0, ours))  # what the killed had used is gone with them, but for that moment only
        self._before = now

    @property
    def others(self):
        """The share of all processors that others had."""
        return self._others / self._took / os.cpu_count() if self._took else 0.0


def busy():
    """Seconds that all processors together have worked since the machine started, or were taken from it."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _wait, irq, softirq, steal = (int(one) for one in file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def used_by(root):
    """Seconds that a process and all below it have used, with those that have ended."""
    children, times = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(pid))
        times[int(pid)] = sum(map(int, fields[11:15]))
    total, left = 0, [root]
    while left:
        pid = left.pop()
        total += times.get(pid, 0)
        left += children.get(pid, ())
    return total / os.sysconf("SC_CLK_TCK")
