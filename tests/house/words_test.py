"""Nothing in the tree names a machine, a package registry or unfinished work.

The words stand in forbidden_words.json, the only file that may contain them.
"""

import json
import os
import re
import unittest

from source_tree import RuleTest, files, text_of

TABLE = "tests/house/forbidden_words.json"
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forbidden_words.json"), encoding="utf-8") as table:
    WHY = json.load(table)["why"]


def pattern_of(words):
    # A path counts from its first slash (so "libs/work/" is none), a word only as a whole.
    start = {True: r"(?<![\w.])", False: r"(?<!\w)"}
    return re.compile("|".join(start[w.startswith("/")] + re.escape(w) + ("" if w.endswith("/") else r"(?!\w)") for w in words))


PATTERNS = {why: pattern_of(words) for why, words in WHY.items()}


def mistakes(root):
    found = []
    for path in files(root):
        if path == TABLE:
            continue
        for number, line in enumerate((text_of(root, path) or "").split("\n"), 1):
            found += [f"{path}:{number}: {match.group()} is {why}" for why, p in PATTERNS.items() if (match := p.search(line))]
    return found


class WordsTest(RuleTest):
    def test_the_tree_has_none_of_them(self):
        self.assert_obeyed(mistakes)

    def test_objects_to_each_of_them(self):
        for why, words in WHY.items():
            for word in words:
                with self.subTest(word):
                    self.assert_forbidden(mistakes, {"libs/base/a.cpp": f"int a;\n// see {word} there\n"}, ["a.cpp:2", why])

    def test_looks_into_every_kind_of_file(self):
        word = WHY["unfinished"][0]
        for path in ("docs/a.md", "deploy/run", "CMakeLists.txt", ".ci/run", "schemas/a.json"):
            self.assert_forbidden(mistakes, {path: word + ": later\n"}, path)

    def test_knows_what_only_looks_alike(self):
        path, word = WHY["a path of one machine"][0], WHY["unfinished"][0]
        self.assert_allowed(mistakes, {"a.md": f"libs{path}plan.hpp and METHOD_{word}_S and {word.lower()}\n", "build/a.cpp": word})


if __name__ == "__main__":
    unittest.main()
