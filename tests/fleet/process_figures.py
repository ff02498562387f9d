"""What Linux says of a process: CPU, children, memory. Of one that has ended: nothing, zero."""

import os

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _content(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def times_of(path):
    """(name, ticks: user, system, and both of children that have ended) of a file `stat` of a process or a thread."""
    text = _content(path)
    if not text:
        return "", (0, 0, 0, 0)
    return text[text.index("(") + 1:text.rindex(")")], tuple(int(field) for field in text.rsplit(")", 1)[1].split()[11:15])


def cpu_of(pid):
    """Seconds."""
    return sum(times_of(f"/proc/{pid}/stat")[1][:2]) / TICK


def whole_cpu_of(pid):
    """Seconds, with its children that have ended."""
    return sum(times_of(f"/proc/{pid}/stat")[1]) / TICK


def children_of(pid):
    return [int(child) for child in _content(f"/proc/{pid}/task/{pid}/children").split()]


def resident_bytes(pid):
    text = _content(f"/proc/{pid}/statm")
    return int(text.split()[1]) * PAGE if text else 0
