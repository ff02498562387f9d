"""Mix: good tickets at a steady rate with one bad message in a hundred among them, the same ones for the same seed.

Half of the bad ones are about tickets of their own, half about a good ticket that was sent a moment before and may be under way: its run is begun
again with what is known, and still what it does happens once. A sender that falls behind says by how much.
"""

import random
import time

import breakages
from yard import TENANT

GROUP = "One bad message in a hundred"
BAD_SHARE = 0.01
RECENT = 20  # good tickets from which one is taken
LONGEST = 180  # seconds until everything that was sent has ended


class Mix:
    def __init__(self, yard, good, rate, seed):
        self.yard = yard
        self.wanted, self.rate = good, rate
        self.dice = random.Random(seed)
        self.bad = [one for one in breakages.kafka_and_json() if one.due]

    def play(self, account):
        yard = self.yard
        cases = [yard.good(f"mix-{number}") for number in range(self.wanted)]
        yard.seed(cases)
        first = len(yard.thrown)
        account.weigh("load begins")
        begin, lag = time.monotonic(), 0.0
        for number, case in enumerate(cases):
            lag = max(lag, self._wait_for_turn(begin, number))
            partition = number % yard.fleet.partitions
            yard.offer(breakages.message_of(case, f"id-{case.ticket}"), partition)
            if self.dice.random() < BAD_SHARE:
                self._throw(number, cases)
            if number == self.wanted // 2:
                account.weigh("middle")
        yard.flush()
        account.weigh("all sent")
        sent = time.monotonic() - begin
        self._look(cases, yard.thrown[first:], sent, lag)
        account.weigh("end")

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
        else:
            case, partition = breakages.replace(cases[number], ticket=f"stranger-{number}"), number % yard.fleet.partitions
        yard.throw(breakage.row, breakage.what, breakage.breaks(breakages.message_of(case, f"bad-{TENANT}-{number}"), case), breakage.due, partition)

    def _look(self, cases, thrown, sent, lag):
        yard = self.yard
        begin = time.monotonic()
        yard.until(lambda: not yard.unended(cases), patience=LONGEST, pause=0.5)
        drain = time.monotonic() - begin
        yard.until(lambda: not yard.missing_dead_letters(thrown))
        ends, paid = yard.ends(), yard.paid()
        resolved = sum(ends.get(case.key) == "resolved" for case in cases)
        ended = sum(bool(ends.get(case.key)) for case in cases)
        once = sum(paid[(case.tenant, case.order)] == 1 for case in cases)
        yard.table.add(GROUP, f"{len(cases)} good tickets at {len(cases) / sent:.0f} a second, {len(thrown)} bad messages",
                       f"{ended} ended, {resolved} resolved, {once} paid once; the last {drain:.1f} s after it was sent; sent at most {lag:.2f} s late",
                       ended == once == len(cases))
        missing = yard.missing_dead_letters(thrown)
        yard.table.add(GROUP, "each bad message is a dead letter", f"{len(thrown) - len(missing)} of {len(thrown)}", thrown and not missing)
