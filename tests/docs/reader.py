"""A reader with two terminals who does what the pages say: the demo runs in one, everything else is typed into the other."""

import os
import re
import signal
import subprocess
import tempfile
import time

from likeness import Likeness
from page import Command, File, Shown

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEMO = "./deploy/demo"
DEMO_SAYS_ALL = "Ctrl-C stops the fleet"
PATIENCE = 30  # seconds until what is looked at must be as the page shows it
DEMO_PATIENCE = 170
LOOKING = ("countersign runs", "countersign approvals", "countersign handoffs", "countersign dead-letters", "countersign doctor", "curl")


class Wrong(AssertionError):
    """The page does not tell the truth; the text says where."""


class Reader:
    def __init__(self, bin_dir):
        self._bin = bin_dir
        self._likeness = Likeness()
        self._demo = None
        self._screen = tempfile.NamedTemporaryFile(prefix="countersign-docs-", suffix=".txt")
        self._settings = []  # ". FILE" lines, for every later command
        self.done = []  # commands

    # ---- the terminal of the demo

    def start_demo(self):
        """With the programs of this build, which the page's reader has just built."""
        self._demo = subprocess.Popen([DEMO, "--bin", self._bin], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self._screen, stderr=subprocess.STDOUT,
                                      start_new_session=True)
        self._wait(lambda: DEMO_SAYS_ALL in self.screen() or self._demo.poll() is not None, DEMO_PATIENCE)
        if DEMO_SAYS_ALL not in self.screen():
            raise Wrong(f"the demo did not come to the reader's turn:\n{self.screen()[-4000:]}")

    def screen(self):
        with open(self._screen.name, encoding="utf-8") as file:
            return file.read()

    def interrupt_demo(self):
        """Ctrl-C; returns the exit code and the folder that should be gone."""
        folder = os.path.dirname(self._logs())
        self._demo.send_signal(signal.SIGINT)
        return self._demo.wait(60), folder

    def stop(self):
        if self._demo is not None and self._demo.poll() is None:
            self._demo.send_signal(signal.SIGINT)
            self._demo.wait(60)
        self._screen.close()

    def _logs(self):
        return re.search(r"^Logs: (.*)$", self.screen(), re.MULTILINE).group(1)

    # ---- what a page asks for

    def follow(self, acts):
        for act in acts:
            {Command: self._type, File: self._save, Shown: self._look_at_demo}[type(act)](act)

    def _save(self, act):
        path = os.path.join(ROOT, act.path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(act.text)

    def _look_at_demo(self, act):
        if not self._wait(lambda: self._differs(["…", *act.expected, "…"], self.screen()) is None):
            raise Wrong(f"{act.place}: the demo should show {act.expected}, and shows:\n{self.screen()[-2000:]}")

    def _type(self, act):
        self.done.append(act.line)
        if act.line == DEMO:
            if self._demo is None:
                self.start_demo()
            return self._compare(act, self.screen())
        if act.line.startswith(". "):
            self._settings.append(act.line)
        output = self._run(act)
        if act.line.startswith(LOOKING):
            seen = [output]
            self._wait(lambda: self._differs(act.expected, seen[-1]) is None or seen.append(self._run(act)))
            output = seen[-1]
        self._compare(act, output)
        if revision := re.search(r"^Revision (\d+);", output, re.MULTILINE):
            self._wait_for_revision(int(revision.group(1)))

    def _run(self, act):
        line = "\n".join(["set -eo pipefail", *self._settings, self._likeness.translate(act.line)])
        ran = subprocess.run(["bash", "-c", line], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=60)
        if ran.returncode != 0:
            raise Wrong(f"{act.place}: $ {act.line}\nended with {ran.returncode}:\n{ran.stdout}")
        return ran.stdout

    def _compare(self, act, output):
        difference = self._differs(act.expected, output)
        if difference is not None:
            raise Wrong(f"{act.place}: $ {act.line}\nshould show: {difference}\nshows:\n{output}")

    def _differs(self, expected, output):
        return self._likeness.difference(expected, output)

    def _wait_for_revision(self, revision):
        """The page says that services take documents up by themselves; whoever types takes longer than they do."""
        log = os.path.join(self._logs(), "planner.log")
        wanted = re.compile(rf'"configuration_read".*"revision":"?{revision}\b')

        def taken_up():
            with open(log, encoding="utf-8") as file:
                return bool(wanted.search(file.read()))

        if not self._wait(taken_up):
            raise Wrong(f"the planner did not take up revision {revision}")

    def _wait(self, holds, patience=PATIENCE):
        until = time.monotonic() + patience
        while not holds():
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True
