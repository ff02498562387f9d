"""Files are short enough to be read, headers say what they are, names mean something."""

import re
import sys
import unittest

from source_tree import ROOT, RuleTest, files, text_of

LONGEST = 600
LONG = 300
WRITTEN_BY_HAND = (".cpp", ".hpp", ".h", ".py", ".sql", ".sh", ".cmake", ".ts", ".tsx", ".css", ".md", "CMakeLists.txt")
EMPTY_WORDS = {"util", "utils", "utility", "utilities", "common", "helper", "helpers", "manager", "managers"}

CLASS = re.compile(r"^[ \t]*(?:template\s*<[^\n]*>\s*)?class\s+\w+[^;=]*\{", re.MULTILINE)
FUNCTION = re.compile(r"^(?!\s|//|#|using|static_assert|friend)[^\n(]+\w\([^\n]*\)[^\n{]*;", re.MULTILINE)
TYPE_NAME = re.compile(r"^[ \t]*(?:enum\s+)?(?:class|struct|namespace)\s+([A-Za-z_]\w*)", re.MULTILINE)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def lines_of(root):
    for path in files(root):
        if path.endswith(WRITTEN_BY_HAND):
            yield path, (text_of(root, path) or "").count("\n")


def too_long(root):
    return [f"{path} has {lines} lines" for path, lines in lines_of(root) if lines >= LONGEST]


def opening_comment(text):
    before, _, after = text.partition("#pragma once")
    return before.lstrip().startswith("//") or after.lstrip().startswith("//")


def does_something(text):
    return bool(CLASS.search(text) or FUNCTION.search(text))


def bad_headers(root):
    found = []
    for path in files(root, "libs", "services", "tests"):
        if not path.endswith((".hpp", ".h")):
            continue
        text = text_of(root, path) or ""
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            found.append(f"{path} has no #pragma once")
        if does_something(text) and not opening_comment(text):
            found.append(f"{path} does not open with a comment on what it is")
    return found


def empty_words_in(name):
    return EMPTY_WORDS & {word.lower() for word in WORD.findall(name)}


def bad_names(root):
    found = []
    for path in files(root, "libs", "services", "tests", "deploy", "cmake"):
        if empty_words_in(path):
            found.append(f"{path} is named after nothing")
        if path.endswith((".cpp", ".hpp", ".h", ".py", ".ts", ".tsx")):
            names = TYPE_NAME.findall(text_of(root, path) or "")
            found += [f"{path}: {name} is named after nothing" for name in names if empty_words_in(name)]
    return found


class FilesTest(RuleTest):
    def test_no_file_is_too_long(self):
        long = [f"{path} has {lines} lines" for path, lines in lines_of(ROOT) if lines >= LONG]
        if long:
            print("warning: would someone new find their way in these?\n  " + "\n  ".join(long), file=sys.stderr)
        self.assert_obeyed(too_long)

    def test_every_header_opens_well(self):
        self.assert_obeyed(bad_headers)

    def test_no_name_is_empty(self):
        self.assert_obeyed(bad_names)

    def test_objects_to_a_long_file(self):
        self.assert_forbidden(too_long, {"libs/base/a.cpp": "\n" * LONGEST}, "600 lines")
        self.assert_allowed(too_long, {"libs/base/a.cpp": "\n" * (LONGEST - 1), "build/a.cpp": "\n" * LONGEST})

    def test_objects_to_a_header_without_a_guard(self):
        self.assert_forbidden(bad_headers, {"libs/base/a.hpp": "struct A {};\n"}, "#pragma once")

    def test_objects_to_a_header_without_an_opening_comment(self):
        for body in ("class Clock {\n};\n", "template <typename T>\nclass Box : public T {\n};\n", "std::string name_of(int id);\n"):
            with self.subTest(body):
                self.assert_forbidden(bad_headers, {"libs/base/a.hpp": "#pragma once\n\n#include <map>\n\n" + body}, "comment")
                self.assert_allowed(bad_headers, {"libs/base/a.hpp": "#pragma once\n\n// What it is.\n\n" + body})

    def test_lets_plain_values_be(self):
        value = "#pragma once\n\nclass Forward;\nenum class Kind { a };\nstruct Plan {\n  int steps = 0;\n  bool empty() const;\n};\n"
        self.assert_allowed(bad_headers, {"libs/domain/plan.hpp": value})

    def test_objects_to_empty_names(self):
        for path in ("libs/base/string_util.hpp", "libs/common/a.hpp", "services/planner/helpers.cpp", "tests/plan-manager.py"):
            with self.subTest(path):
                self.assert_forbidden(bad_names, {path: ""}, path)
        for text in ("class PlanManager {", "struct TestHelper;", "  class HTTPUtil {", "namespace common {"):
            with self.subTest(text):
                self.assert_forbidden(bad_names, {"libs/base/a.hpp": text + "\n"}, "named after nothing")
        self.assert_allowed(bad_names, {"libs/base/utilisation.hpp": "struct Commons {};\nclass Management;\n"})


if __name__ == "__main__":
    unittest.main()
