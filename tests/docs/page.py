"""What a page asks its reader to do, in order, from its Markdown.

    `build/x/tool.json` … ```json    → a file to save: the file named last before the block
    ```console                       → commands ("$ …"), each with the output that follows it
    ```demo                          → what the terminal of the demo shows by then
"""

import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(build/[\w./-]+\.jsonl?)`")


@dataclass
class Command:
    line: str
    place: str
    expected: list = field(default_factory=list)


@dataclass
class Shown:
    place: str
    expected: list


@dataclass
class File:
    path: str
    text: str
    place: str


def acts_of(name, text):
    """Everything to do, in the order of the page."""
    acts, before = [], 0
    for fence in FENCE.finditer(text):
        place = f"{name}:{text.count(chr(10), 0, fence.start()) + 1}"
        kind, body = fence.groups()
        if kind == "console":
            acts += commands_of(body, place)
        elif kind == "demo":
            acts.append(Shown(place, body.splitlines()))
        elif kind == "json" and (named := FILE.findall(text[before:fence.start()])):
            acts.append(File(named[-1], body, place))
        before = fence.end()
    return acts


def commands_of(body, place):
    commands = []
    for line in body.splitlines():
        if line.startswith("$ "):
            commands.append(Command(line[2:], place))
        else:
            commands[-1].expected.append(line)
    return commands
