"""Several rows on one fleet, one after the other: cheaper than a fleet for each, and what one left behind meets the next.

Who broke it is less plain, so the rows by themselves remain what is judged in earnest.
"""

import time

from all_rows import ROWS
from row import Row


def together(numbers):
    """The type of a row that plays these rows in this order, each for the same time."""
    types = [ROWS[number] for number in numbers]
    alone = [row.number for row in types if row.kinds or row.hostile or row.after_judgement is not Row.after_judgement]
    if alone:
        raise SystemExit(f"rows that want a fleet of their own: {', '.join(map(str, alone))}")

    class Together(Row):
        number, title = 0, "rows " + ", ".join(map(str, numbers)) + " on one fleet"
        proxied = tuple(sorted({one for row in types for one in row.proxied}))
        more_members = tuple(sorted({one for row in types for one in row.more_members}))
        duplicates = max(row.duplicates for row in types)
        playing = None

        def __init__(self, arena, dice, state):
            super().__init__(arena, dice, state)
            self.left = list(types)

        def harm(self):
            if self.left and (self.playing is None or time.monotonic() >= self.until):
                self.begin_next()
            self.playing.harm()
            if self.left:  # each has its turn, however long the one before took
                self.supervisor.until = max(self.supervisor.until, time.monotonic() + 1)

        def begin_next(self):
            self.end_playing()
            left = self.supervisor.until - time.monotonic()
            self.until = time.monotonic() + left / len(self.left)
            self.playing = self.left.pop(0)(self.arena, self.dice, self.state)
            self.playing.supervisor = self.supervisor

        def end_playing(self):
            if self.playing is None:
                return
            self.playing.mend()
            self.counts.update(self.playing.counts)
            self.objections += self.playing.objections
            self.remarks.update(self.playing.remarks)

        def mend(self):
            self.end_playing()

    return Together
