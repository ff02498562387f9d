"""Every #include of libs/ and services/, and who wrote it."""

import json
import os
import re
from dataclasses import dataclass

from source_tree import files, text_of

LINE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def house():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rooms.json"), encoding="utf-8") as file:
        return json.load(file)


@dataclass
class Include:
    path: str  # of the file that includes
    header: str
    quoted: bool

    @property
    def top(self):
        return self.path.split("/")[0]

    @property
    def room(self):
        return self.path.split("/")[1]

    @property
    def in_service(self):
        return self.top == "services"

    @property
    def in_test(self):
        return any(folder in ("tests", "testing") for folder in self.path.split("/")[2:-1])

    def __str__(self):
        return f"{self.path} includes {self.header}"


def includes(root):
    for path in files(root, "libs", "services"):
        if not path.endswith((".cpp", ".hpp", ".h", ".cc", ".inc")) or path.count("/") < 2:
            continue
        for bracket, header in LINE.findall(text_of(root, path) or ""):
            yield Include(path, header, bracket == '"')
