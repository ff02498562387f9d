"""A room includes only the rooms that its arrows reach; a service all libraries, itself, and the few rooms beside it that the table names.

Between services only what the build generates from a neighbour's migrations may be included, unless the neighbour is there to be built on.
"""

import unittest

from includes import house, includes
from source_tree import ROOT, RuleTest, folders

HOUSE = house()
ROOMS = HOUSE["rooms"]
SERVICES = HOUSE["services"]
GENERATED = HOUSE["generated"]  # headers that exist in the build only, such as audit/migrations.hpp of a room's second folder


def may_include(include, target, testing):
    if include.room == target or (include.in_test and testing):
        return True
    if not include.in_service:
        return target in ROOMS.get(include.room, [])
    beside = SERVICES.get(include.room, []) + (HOUSE["test_arrows"].get(include.room, []) if include.in_test else [])
    return target in ROOMS or target in beside


def mistakes(root):
    found = [f"libs/{room} is not in rooms.json" for room in folders(root, "libs") if room not in ROOMS]
    known = set(ROOMS) | set(folders(root, "services"))
    for include in includes(root):
        if not include.quoted:
            continue
        target, *rest = include.header.split("/")
        if rest and rest[-1] in GENERATED and (include.room == "schema" or include.in_test):
            continue
        if not rest or target not in known:
            found.append(f'{include}: write "room/file.hpp"')
        elif not may_include(include, target, rest[0] == "testing"):
            found.append(f"{include}: there is no arrow from {include.room} to {target}")
    return found


class ArrowsTest(RuleTest):
    def test_every_include_follows_an_arrow(self):
        self.assert_obeyed(mistakes)

    def test_the_arrows_have_no_cycle(self):
        above = set()
        for room, targets in ROOMS.items():  # in dependency order
            self.assertLessEqual(set(targets), above, room)
            above.add(room)

    def test_the_tree_is_really_read(self):
        self.assertGreater(sum(1 for _ in includes(ROOT)), 100)

    def test_objects_to_a_forbidden_arrow(self):
        self.assert_forbidden(mistakes, {"libs/domain/a.hpp": '#include "postgres/pool.hpp"\n'}, "from domain to postgres")
        self.assert_forbidden(mistakes, {"libs/http/a.cpp": '  #  include "planner/plan.hpp"\n', "services/planner/plan.hpp": ""},
                              "from http to planner")

    def test_objects_to_one_service_including_another(self):
        tree = {"services/planner/a.cpp": '#include "executor/b.hpp"\n#include "base/money.hpp"\n#include "planner/c.hpp"\n',
                "services/executor/b.hpp": ""}
        self.assert_forbidden(mistakes, tree, "from planner to executor")

    def test_objects_to_an_include_without_a_room(self):
        self.assert_forbidden(mistakes, {"libs/base/a.cpp": '#include "money.hpp"\n'}, "room/file.hpp")
        self.assert_forbidden(mistakes, {"libs/base/a.cpp": '#include "../domain/step.hpp"\n'}, "room/file.hpp")

    def test_objects_to_a_room_that_the_table_does_not_know(self):
        self.assert_forbidden(mistakes, {"libs/extras/a.hpp": ""}, "libs/extras")

    def test_lets_tests_use_the_testing_folder_of_any_room(self):
        line = '#include "postgres/testing/scratch_database.hpp"\n'
        self.assert_allowed(mistakes, {"libs/http/tests/a.cpp": line, "libs/http/testing/b.hpp": line})
        self.assert_forbidden(mistakes, {"libs/http/a.cpp": line}, "from http to postgres")
        self.assert_forbidden(mistakes, {"libs/http/tests/a.cpp": '#include "postgres/pool.hpp"\n'}, "from http to postgres")


if __name__ == "__main__":
    unittest.main()
