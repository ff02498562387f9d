#!/usr/bin/python3 -B
"""checker.py SCENE [--json FILE]: judges what a run left behind: invariants 1 to 9, 12, 14 and 15 by number. Exits 0 only if all hold.

SCENE is what the supervisor wrote down of the run (JSON). Everything else is read from PostgreSQL, the topics and the sinks' journals; nothing that
a service says about itself while it runs is believed.
"""

import json
import statistics
import sys
import time

import neighbours  # noqa: F401
import invariants_of_health
import invariants_of_logs
import invariants_of_work
from scene import Findings, Scene


MOST_FOR_OTHERS = 0.15  # of the processors; beyond, the machine is measured and not the fleet


def judge(about):
    times = [time.monotonic()]
    scene, found = Scene(about), Findings()
    times.append(time.monotonic())
    invariants_of_work.check(scene, found)
    times.append(time.monotonic())
    invariants_of_logs.check(scene, found)
    times.append(time.monotonic())
    recovery = invariants_of_health.check(scene, found)
    times.append(time.monotonic())
    slow = []
    for kind, bound in invariants_of_health.BOUNDS.items():
        if recovery[kind] and statistics.median(recovery[kind]) > bound:
            slow.append((kind, "median", round(statistics.median(recovery[kind]), 2), "bound", bound))
    slow += [("drain", factor) for factor in recovery["drain"] if factor < invariants_of_health.LEAST_DRAIN and about.get("judge_drain", True)]
    recovery["others"] = round(about.get("others", 1.0), 2)
    recovery["judged"] = about["judge_times"] and recovery["others"] <= MOST_FOR_OTHERS
    found.check(15, "back at work within the stated time", sum(map(len, (recovery[kind] for kind in ("restart", "takeover", "drain")))), slow if recovery["judged"] else [])
    return {"broken": found.broken, "invariants": found.by_number, "counts": dict(found.counts), "recovery": recovery,
            "seconds": dict(zip(("reading", "work", "logs", "health"), (round(after - before, 1) for before, after in zip(times, times[1:]))))}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        verdict = judge(json.load(file))
    if "--json" in sys.argv:
        with open(sys.argv[sys.argv.index("--json") + 1], "w", encoding="utf-8") as file:
            json.dump(verdict, file, indent=1)
    for number, checks in sorted(verdict["invariants"].items()):
        for check in checks:
            if check["wrong"]:
                print(f"invariant {number}: {check['what']}: {check['wrong']} of {check['looked_at']} wrong")
                for sample in check["samples"]:
                    print(f"    {sample[:400]}")
    return 1 if verdict["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
