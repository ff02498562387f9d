"""The README's tour and docs/first-tool.md, done as they say on one running demo; and the rules of such pages.

The first argument is the folder with the programs.
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

from likeness import Likeness
from page import Command, File, acts_of
from reader import DEMO, ROOT, Reader

BIN = sys.argv[1] if len(sys.argv) > 1 else ""
PAGES = ("README.md", "docs/first-tool.md")
# Programs that other suites run, or that cannot run inside one.
RUN_ELSEWHERE = {"./deploy/demo --once": "fleet_demo", "./tests/run": "is what runs this"}


def text_of(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


class PagesTest(unittest.TestCase):
    """A reader can do everything, in this order."""

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(os.path.join(ROOT, "build", "first-tool"), ignore_errors=True)
        cls.reader = Reader(BIN)
        cls.addClassCleanup(cls.reader.stop)

    def test_1_the_pages_tell_the_truth(self):
        for page in PAGES:
            with self.subTest(page):
                self.reader.follow(acts_of(page, text_of(page)))

    def test_2_the_commands_of_the_comparison_work(self):
        place = "docs/comparison.md"
        for line in sorted(set(re.findall(r"\| `(countersign [^`]+)` \|$", text_of(place), re.MULTILINE))):
            with self.subTest(line):
                self.reader.follow([Command(line, place, ["…"])])

    def test_3_ctrl_c_leaves_nothing_behind(self):
        code, folder = self.reader.interrupt_demo()
        self.assertEqual(code, 0)
        self.assertFalse(os.path.exists(folder), folder)
        self.assertFalse(os.path.exists(os.path.join(ROOT, "build", "demo", "environment")))


class PageRulesTest(unittest.TestCase):
    def test_programs_named_in_a_sentence_are_run_somewhere(self):
        done = {act.line for page in PAGES for act in acts_of(page, text_of(page)) if isinstance(act, Command)}
        for page in PAGES:
            for command in re.findall(r"`(\./[^`]+)`", text_of(page)):
                self.assertTrue(command in done or command in RUN_ELSEWHERE, f"{page}: nobody runs {command}")

    def test_programs_of_the_comparison_are_there(self):
        for program in set(re.findall(r"\| `(?:\./)?((?:build|tests|deploy)/[^ `]+)[^`]*` \|$", text_of("docs/comparison.md"), re.MULTILINE)):
            path = program.replace("build/release/bin", BIN).replace("build/release", os.path.dirname(os.path.abspath(BIN)))
            self.assertTrue(os.access(os.path.join(ROOT, path), os.X_OK), program)

    def test_no_command_hides_in_an_indented_block(self):
        for page in PAGES:
            self.assertEqual(re.findall(r"(?<=\n\n) {4}\S.*", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)), [], page)

    def test_commands_of_the_table_are_there(self):
        rows = [row.split("|")[1] for row in text_of("README.md").splitlines() if row.startswith("| `countersign ")]
        self.assertTrue(rows)
        for row in rows:
            names = re.findall(r"`([^`]+)`", row)
            for name in [names[0].removeprefix("countersign "), *names[1:]]:
                candidates = [name.split(), [names[0].split()[1], *name.split()]]
                codes = [subprocess.run([os.path.join(BIN, "countersign"), *words, "--help"], capture_output=True, timeout=20).returncode
                         for words in candidates]
                self.assertIn(0, codes, f"README.md: there is no command {name}")

    def test_every_file_of_a_page_is_where_its_commands_look(self):
        for page in PAGES:
            made = {"build/demo"}
            for act in acts_of(page, text_of(page)):
                if isinstance(act, Command) and act.line.startswith("mkdir -p "):
                    made.add(act.line.split()[-1])
                if isinstance(act, File):
                    self.assertIn(os.path.dirname(act.path), made, act.place)


class LikenessTest(unittest.TestCase):
    A, B = "01a1fea3-56bf-7000-a2b6-69b0df683fff", "01a1fea3-56bf-7000-a2b6-69b0df684000"

    def test_reads_a_page(self):
        acts = acts_of("a.md", "Save `build/x/a.json`:\n\n```json\n{}\n```\n\n```console\n$ ./deploy/demo\none\n$ two\n```\n")
        self.assertEqual([type(act) for act in acts], [File, Command, Command])
        self.assertEqual((acts[0].path, acts[0].text, acts[1].line, acts[1].expected, acts[2].place), ("build/x/a.json", "{}\n", DEMO, ["one"], "a.md:7"))

    def test_compares_line_by_line(self):
        for expected, output in ((["a"], "a\n"), (["a", "…"], "a\nb\nc"), (["…", "c"], "a\nc"), (["a … c"], "a b c"), (["…"], ""), (["a", "…", "b"], "a\nb")):
            with self.subTest(expected):
                self.assertIsNone(Likeness().difference(expected, output))
        for expected, output in ((["a"], "b"), (["a"], "a\nb"), (["a", "c"], "a\nb\nc"), (["a"], ""), (["a.c"], "abc"), (["…", "b"], "b\nc")):
            with self.subTest(expected):
                self.assertIsNotNone(Likeness().difference(expected, output))

    def test_an_id_stands_for_one_id(self):
        likeness = Likeness()
        self.assertIsNone(likeness.difference([f"{self.A} waits"], f"{self.B} waits"))
        self.assertEqual(likeness.translate(f"approve {self.A} now"), f"approve {self.B} now")
        self.assertIsNotNone(likeness.difference([f"{self.A} waits"], f"{self.A} waits"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
