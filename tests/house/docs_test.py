"""Links lead somewhere, the files that a ticket is said to pass are there, and every dependency has a written reason."""

import os
import re
import unittest
from urllib.parse import unquote

from source_tree import RuleTest, files, text_of

REASONS = "docs/decisions/0002-choose-dependencies.md"
PACKAGES = "deploy/packages.txt"
FOUND_BY_CMAKE = "cmake/Dependencies.cmake"
PARTS_OF_THE_TOOLCHAIN = {"PkgConfig", "Threads", "Python3"}

CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]*`", re.DOTALL)
STATIONS = "docs/architecture.md"
NAMED_FILE = re.compile(r"`([\w/]+\.(?:cpp|hpp|py|yaml))`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)


def is_page(path):
    return path.endswith(".md") and (path.startswith("docs/") or os.path.basename(path) == "README.md")


def target_of(path, link):
    link = unquote(link.split("#")[0].split("?")[0])
    return os.path.normpath(link.lstrip("/") if link.startswith("/") else os.path.join(os.path.dirname(path), link))


def dead_links(root):
    found = []
    for path in filter(is_page, files(root)):
        for inline, reference in LINK.findall(CODE.sub("", text_of(root, path) or "")):
            link = inline or reference
            if re.match(r"[a-z][a-z0-9+.-]*:", link) or link.startswith("#"):
                continue
            if not os.path.exists(os.path.join(root, target_of(path, link))):
                found.append(f"{path} links to {link}, which is not there")
    return found


def missing_stations(root):
    """Files named in the tables of the architecture; one without a folder is in the folder of the one before it in its row."""
    found = []
    for line in (text_of(root, STATIONS) or "").split("\n"):
        folder = ""
        for name in NAMED_FILE.findall(line) if line.startswith("|") else []:
            folder = os.path.dirname(name) or folder
            path = os.path.join(folder, os.path.basename(name))
            if not os.path.isfile(os.path.join(root, path)):
                found.append(f"{STATIONS} names {path}, which is not there")
    return found


def cmake_dependencies(text):
    text = re.sub(r"#.*", "", text)
    names = re.findall(r"find_package\(\s*([\w-]+)", text)
    for arguments in re.findall(r"pkg_check_modules\(\s*\w+([^)]*)\)", text):
        words = {"REQUIRED", "QUIET", "IMPORTED_TARGET", "GLOBAL"}
        names += [re.split(r"[<>=]", module)[0] for module in arguments.split() if module not in words]
    return [name for name in names if name not in PARTS_OF_THE_TOOLCHAIN]


def packages(text):
    lines = (line.split("#")[0].strip() for line in text.split("\n"))
    return [line for line in lines if line]


def plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def unexplained(root):
    missing = [f"{path} is missing" for path in (REASONS, PACKAGES, FOUND_BY_CMAKE) if not os.path.isfile(os.path.join(root, path))]
    if missing:
        return missing
    reasons = text_of(root, REASONS)
    found = [f"{name} (in {FOUND_BY_CMAKE}) is not in {REASONS}" for name in cmake_dependencies(text_of(root, FOUND_BY_CMAKE))
             if plain(name) not in plain(reasons)]
    named = set(re.findall(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]", reasons.lower()))
    return found + [f"{name} (in {PACKAGES}) is not in {REASONS}" for name in packages(text_of(root, PACKAGES)) if name not in named]


class DocsTest(RuleTest):
    GOOD = {REASONS: "| `libspdlog-dev` | spdlog writes our logs |\n| `librdkafka-dev` | the client |\n",
            PACKAGES: "# what we need\nlibspdlog-dev\nlibrdkafka-dev  # the client\n",
            FOUND_BY_CMAKE: "find_package(Threads REQUIRED)\nfind_package(spdlog CONFIG REQUIRED)\n"
                            "pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.0)\n"}

    def test_every_link_leads_somewhere(self):
        self.assert_obeyed(dead_links)

    def test_every_dependency_has_a_reason(self):
        self.assert_obeyed(unexplained)

    def test_objects_to_a_dead_link(self):
        for text in ("see [the plan](plan.md)", "see [it](../plan.md#top)", "see [it]( </plan.md> \"title\")", "[it]: plan.md"):
            with self.subTest(text):
                self.assert_forbidden(dead_links, {"docs/a.md": text + "\n"}, "plan.md")
        self.assert_forbidden(dead_links, {"libs/base/README.md": "[x](money.hpp)"}, "money.hpp")

    def test_knows_what_is_no_link_into_the_tree(self):
        text = "[a](https://example.org/x) [b](#here) `[c](d)` [e](b%20c.md#x) [f](/README.md)\n```\n[g](h)\n```\n"
        self.assert_allowed(dead_links, {"docs/a.md": text, "docs/b c.md": "", "README.md": "[docs](docs)"})

    def test_every_station_is_there(self):
        self.assert_obeyed(missing_stations)

    def test_objects_to_a_station_that_is_not_there(self):
        tree = {"services/planner/dialogue.cpp": "", "services/planner/voice.cpp": "", "libs/http/mail.cpp": ""}
        self.assert_allowed(missing_stations, tree | {STATIONS: "| 1 | `services/planner/dialogue.cpp` with `voice.cpp`; `libs/http/mail.cpp` |\n"})
        self.assert_forbidden(missing_stations, tree | {STATIONS: "| 1 | `services/planner/dialogue.cpp`, `mail.cpp` |\n"}, "services/planner/mail.cpp")

    def test_objects_to_an_unexplained_dependency(self):
        self.assert_allowed(unexplained, self.GOOD)
        self.assert_forbidden(unexplained, self.GOOD | {PACKAGES: "libspdlog-dev\nlibspd\n"}, "libspd ")
        self.assert_forbidden(unexplained, self.GOOD | {FOUND_BY_CMAKE: "find_package(CURL REQUIRED)\n"}, "CURL")
        self.assert_forbidden(unexplained, self.GOOD | {FOUND_BY_CMAKE: "pkg_check_modules(s REQUIRED libsodium)\n"}, "libsodium")

    def test_objects_to_missing_papers(self):
        for path in self.GOOD:
            self.assert_forbidden(unexplained, {p: text for p, text in self.GOOD.items() if p != path}, path)


if __name__ == "__main__":
    unittest.main()
