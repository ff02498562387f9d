"""Scenes: how each kind of line is measured."""

import dataclasses
import os
import shutil
import time

import ended_tickets
import lines
from fleet import Fleet
from workbench import Workbench

FULL_ENDED, SHORT_ENDED = (1_000_000, 5_000_000), (20_000, 100_000)


class Scenes:
    def __init__(self, arguments, scratch):
        self.arguments, self.scratch = arguments, scratch

    def play(self, line):
        if self.arguments.rate and line.kind != "start":
            line = dataclasses.replace(line, rate=self.arguments.rate)
        return {"load": self._load, "stop": self._load, "flat": self._flat, "start": self._start}[line.kind](line)

    def _length(self, line):
        full = self.arguments.full
        return (self.arguments.seconds or (line.seconds if full else min(line.seconds, lines.SHORT_SECONDS)),
                self.arguments.warm_up if self.arguments.warm_up is not None else lines.FULL_WARM_UP if full else lines.SHORT_WARM_UP)

    def _workbench(self):
        bench = self.arguments.bench or os.path.join(self.arguments.bin, "countersign")
        return Workbench(self.arguments.bin, bench, os.path.join(self.scratch, "bench"), self.arguments.statements)

    def _load(self, line):
        with self._workbench() as workbench:
            return workbench.offer(line, *self._length(line), seed=self.arguments.seed)

    def _flat(self, line):
        """The same load twice, with few ended tickets in the database and with many."""
        runs, filled, grown = [], 0, 0
        seconds, warm_up = self._length(line)
        with self._workbench() as workbench:
            sample = dataclasses.replace(line, name="sample", rate=10)
            workbench.offer(sample, 1, 0)
            for count in self.arguments.ended or (FULL_ENDED if self.arguments.full else SHORT_ENDED):
                grown += ended_tickets.fill(workbench.fleet.admin_dsn, ("acme", "sample1-1"), count - filled, filled + 1)
                filled = count
                runs.append({**workbench.offer(line, seconds, warm_up, seed=self.arguments.seed), "ended": filled})
        return {"line": line.name, "runs": runs, "bytes_per_ended": grown / filled}

    def _start(self, line):
        """Of a fleet that was there before: from nothing running to everything ready."""
        folder = os.path.join(self.scratch, "kept")
        try:
            for _ in range(2):
                fleet = Fleet(self.arguments.bin, workdir=folder)
                begin = time.monotonic()
                try:
                    fleet.__enter__()
                    fleet.wait_ready()
                    seconds = time.monotonic() - begin
                finally:
                    fleet.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return {"line": line.name, "seconds": seconds}
