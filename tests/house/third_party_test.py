"""A library that is not ours is seen only in the rooms that wrap it, and the slow ones only in source files."""

import unittest

from includes import house, includes
from source_tree import RuleTest

HOUSE = house()
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/")
SYSTEM_HEADERS = {"fcntl.h", "getopt.h", "grp.h", "ifaddrs.h", "netdb.h", "poll.h", "pthread.h", "pwd.h", "sched.h", "signal.h",
                  "spawn.h", "syslog.h", "termios.h", "unistd.h"}


def starts_with_any(header, prefixes):
    return any(header.startswith(prefix) for prefix in prefixes)


def library_of(header):
    for name, library in HOUSE["third_party"].items():
        if starts_with_any(header, library["headers"]):
            return name, library["rooms"]
    return None, []


def is_system(header):
    return header in SYSTEM_HEADERS or starts_with_any(header, SYSTEM_FOLDERS)


def is_standard(header):
    return "/" not in header and "." not in header


def mistake(include):
    name, rooms = library_of(include.header)
    here = "services" if include.in_service else include.room
    if name is None and is_system(include.header):
        return f"{include}: {here} is free of the operating system" if here in HOUSE["without_operating_system"] else None
    if name is None:
        return None if is_standard(include.header) else f"{include}: unknown library, add it to rooms.json"
    if "*" not in rooms and not {here, include.room} & set(rooms):
        return f"{include}: {name} belongs to {', '.join(rooms) or 'tests'}"
    if include.path.endswith(".hpp") and starts_with_any(include.header, HOUSE["source_files_only"]):
        return f"{include}: {name} slows every includer down, keep it in .cpp files"
    return None


def mistakes(root):
    bare = [include for include in includes(root) if not include.quoted and not include.in_test]
    return [text for text in map(mistake, bare) if text]


class ThirdPartyTest(RuleTest):
    def test_every_library_stays_in_its_room(self):
        self.assert_obeyed(mistakes)

    def test_objects_to_each_library_in_a_foreign_room(self):
        for name, library in HOUSE["third_party"].items():
            if "*" in library["rooms"]:
                continue
            header = library["headers"][0]
            header += "x.h" if header.endswith("/") else ""
            with self.subTest(name):
                self.assert_forbidden(mistakes, {"libs/domain/a.cpp": f"#include <{header}>\n"}, name)
                for room in library["rooms"]:
                    path = "services/planner/a.cpp" if room == "services" else f"libs/{room}/a.cpp"
                    self.assert_allowed(mistakes, {path: f"#include <{header}>\n"})

    def test_objects_to_slow_headers_in_headers(self):
        self.assert_forbidden(mistakes, {"libs/contracts/a.hpp": "#include <nlohmann/json.hpp>\n"}, ".cpp files")
        self.assert_allowed(mistakes, {"libs/contracts/a.hpp": "#include <nlohmann/json_fwd.hpp>\n"})

    def test_objects_to_unknown_libraries(self):
        self.assert_forbidden(mistakes, {"libs/http/a.cpp": "#include <zlib.h>\n"}, "unknown library")

    def test_objects_to_the_operating_system_in_pure_rooms(self):
        self.assert_forbidden(mistakes, {"libs/policy/a.cpp": "#include <unistd.h>\n"}, "policy")
        self.assert_allowed(mistakes, {"libs/http/a.cpp": "#include <sys/socket.h>\n#include <vector>\n"})

    def test_lets_tests_use_what_they_want(self):
        self.assert_allowed(mistakes, {"libs/crypto/tests/a.cpp": "#include <gtest/gtest.h>\n#include <nlohmann/json.hpp>\n"})


if __name__ == "__main__":
    unittest.main()
