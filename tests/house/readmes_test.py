"""Every room tells what it is for."""

import os
import unittest

from source_tree import RuleTest, folders

FIXED = ["deploy", "tests", "tests/house", "tests/sandbox", "schemas"]
SHORTEST = 80  # characters; less than a sentence explains nothing


def mistakes(root):
    rooms = [f"{top}/{name}" for top in ("libs", "services") for name in folders(root, top)]
    return [text for text in (mistake(root, room) for room in [".", *rooms, *FIXED]) if text]


def mistake(root, room):
    path = os.path.join(root, room, "README.md")
    if not os.path.isfile(path):
        return f"{room} has no README.md"
    return f"{room}/README.md says nothing" if os.path.getsize(path) < SHORTEST else None


class ReadmesTest(RuleTest):
    GOOD = {f"{room}/README.md": "x" * SHORTEST for room in [".", "libs/base", "services/planner", *FIXED]}

    def test_every_room_has_one(self):
        self.assert_obeyed(mistakes)

    def test_objects_to_a_missing_one(self):
        self.assert_allowed(mistakes, self.GOOD)
        for path in self.GOOD:
            folder = os.path.dirname(path)
            tree = {p: t for p, t in self.GOOD.items() if p != path} | {f"{folder}/a.hpp": ""}
            with self.subTest(path):
                self.assert_forbidden(mistakes, tree, folder)

    def test_objects_to_an_empty_one(self):
        self.assert_forbidden(mistakes, self.GOOD | {"libs/base/README.md": "base\n"}, "libs/base")


if __name__ == "__main__":
    unittest.main()
