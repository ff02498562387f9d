"""Mix: good tickets at a steady rate with one bad message in a hundred among them, the same ones for the same seed.

Half of the bad ones are about tickets of their own, half about a good ticket that was sent a moment before and may be under way: its run is begun
again with what is known, and still what it does happens once; where the refund was paid before, the second run is denied it and handed to people.
All others must end resolved. Each half begins with many at once, so that a service holds large batches in both. A sender that falls behind says by
how much.
"""

import collections
import random
import time

import breakages
from yard import TENANT

GROUP = "One bad message in a hundred"
BAD_SHARE = 0.01
BURST = 500  # good tickets at once as a half begins, or a quarter of it
RECENT = 20  # good tickets from which one is taken
LONGEST = 180  # seconds until everything that was sent has ended


class Mix:
    def __init__(self, yard, account, good, rate, seed):
        self.yard, self.account = yard, account
        self.wanted, self.rate = good, rate
        self.dice = random.Random(seed)
        self.bad = [one for one in breakages.kafka_and_json() if one.due]
        self.disturbed = set()  # keys of good tickets about which something bad was said

    def play(self):
        """Two halves alike, each until the last ticket has ended: what the second leaves resident beyond the first is growth."""
        yard, account, half = self.yard, self.account, self.wanted // 2
        cases = [yard.good(f"mix-{number}") for number in range(self.wanted)]
        yard.seed(cases)
        first = len(yard.thrown)
        account.weigh("load begins")
        lag = self._send(cases, range(half))
        self._drain(cases[:half], first)
        account.weigh("middle")
        lag = max(lag, self._send(cases, range(half, self.wanted)))
        drain = self._drain(cases, first)
        account.weigh("end")
        self._look(cases, yard.thrown[first:], drain, lag)

    def _send(self, cases, numbers):
        """Returns how late it was at most."""
        begin, lag, burst = time.monotonic(), 0.0, min(BURST, len(numbers) // 4)
        for place, number in enumerate(numbers):
            if place >= burst:
                lag = max(lag, self._wait_for_turn(begin, place - burst))
            case = cases[number]
            self.yard.offer(breakages.message_of(case, f"id-{case.ticket}"), number % self.yard.fleet.partitions)
            if self.dice.random() < BAD_SHARE:
                self._throw(number, cases)
        self.yard.flush()
        return lag

    def _drain(self, cases, first):
        """Until every dead letter is there and everything has ended; returns how long that took."""
        yard, begin = self.yard, time.monotonic()
        yard.until(lambda: not yard.missing_dead_letters(yard.thrown[first:]))
        yard.until(lambda: not yard.unended(cases), patience=LONGEST, pause=0.5)
        return time.monotonic() - begin

    def _wait_for_turn(self, begin, number):
        """Sends nothing early; returns how late it is."""
        due = begin + number / self.rate
        while (early := due - time.monotonic()) > 0:
            self.yard.serve()
            time.sleep(min(early, 0.005))
        return -early

    def _throw(self, number, cases):
        yard, breakage = self.yard, self.dice.choice(self.bad)
        if self.dice.random() < 0.5:
            other = max(0, number - self.dice.randrange(RECENT))
            case, partition = cases[other], other % yard.fleet.partitions
            self.disturbed.add(case.key)
        else:
            case, partition = breakages.replace(cases[number], ticket=f"stranger-{number}"), number % yard.fleet.partitions
        yard.throw(breakage.row, breakage.what, breakage.breaks(breakages.message_of(case, f"bad-{TENANT}-{number}"), case), breakage.due, partition)

    def _look(self, cases, thrown, drain, lag):
        yard = self.yard
        ends, paid = yard.ends(), yard.paid()
        told = collections.Counter(ends.get(case.key) or "still running" for case in cases)
        wrong = [case.key for case in cases if not self._ended_well(case, ends.get(case.key))]
        once = sum(paid[(case.tenant, case.order)] == 1 for case in cases)
        yard.table.add(GROUP, f"{len(cases)} good tickets at {self.rate:.0f} a second, {len(thrown)} bad messages",
                       f"{', '.join(f'{number} {end}' for end, number in told.most_common())}, {once} paid once; {len(self.disturbed)} were disturbed; "
                       f"wrong {wrong[:3] or 'none'}; the last {drain:.1f} s after it was sent; sent at most {lag:.2f} s late",
                       not wrong and once == len(cases))
        missing = yard.missing_dead_letters(thrown)
        yard.table.add(GROUP, "each bad message is a dead letter", f"{len(thrown) - len(missing)} of {len(thrown)}", thrown and not missing)

    def _ended_well(self, case, end):
        return end == "resolved" or (end == "escalated" and case.key in self.disturbed)
