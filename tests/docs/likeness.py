"""Whether an output is the one that a page shows.

A line of the page that is only "…" stands for any number of lines, "…" within a line for any text. Ids differ from run to run: each id of the page
stands for one id of the output, everywhere, and translate() puts it into later commands.
"""

import re

ANYTHING = "…"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Likeness:
    def __init__(self):
        self._ids = {}  # of the page -> of this run

    def translate(self, command):
        return ID.sub(lambda found: self._ids.get(found.group(), found.group()), command)

    def difference(self, expected, output):
        """None, or the first line of the page that the output does not have."""
        found = [line.rstrip() for line in output.splitlines()]
        at, anywhere = 0, False
        for line in expected:
            if line.strip() == ANYTHING:
                anywhere = True
                continue
            place = self._place_of(line, found, at, anywhere)
            if place is None:
                return line
            at, anywhere = place + 1, False
        return None if anywhere or at == len(found) else f"nothing more, but there is: {found[at]}"

    def _place_of(self, line, found, at, anywhere):
        last = len(found) if anywhere else min(at + 1, len(found))
        for place in range(at, last):
            if self._is_like(line, found[place]):
                return place
        return None

    def _is_like(self, line, found):
        wanted = ID.findall(line)
        # One group for each id; the rest word for word, but for what "…" stands for.
        pattern = f"({ID.pattern})".join(".*".join(map(re.escape, part.split(ANYTHING))) for part in ID.split(line.rstrip()))
        match = re.fullmatch(pattern, found)
        if not match:
            return False
        ids = dict(zip(wanted, match.groups()))
        if any(self._ids.get(page, actual) != actual for page, actual in ids.items()):
            return False
        self._ids.update(ids)
        return True
