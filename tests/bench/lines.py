"""The lines that a fleet is measured against, each with what it is offered and what is asked of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    name: str
    title: str
    workload: str
    rate: float
    seconds: float               # that it is stated for
    p50_ms: float = None         # asked for; None: only reported
    p99_ms: float = None
    cpu_us: float = None         # per ticket, all processes
    kind: str = "load"           # load, stop, flat, start
    linger_ms: int = 5           # of the generator, as an upstream's edge would have it
    must_hold: bool = False

    @property
    def asks(self):
        asked = [("p50", self.p50_ms, "ms"), ("p99", self.p99_ms, "ms"), ("CPU per ticket", self.cpu_us, "µs")]
        return ", ".join(f"{name} ≤ {most:g} {unit}" for name, most, unit in asked if most is not None)


LINES = [
    Line("idle", "idle latency, three durable steps", "durable", 20, 120, p50_ms=8, p99_ms=20, linger_ms=0),
    Line("pass", "pass line, three durable steps", "durable", 1500, 300, p50_ms=25, p99_ms=150, cpu_us=1000, must_hold=True),
    Line("goal", "goal, three durable steps", "durable", 3000, 300, p50_ms=25, p99_ms=200, cpu_us=560),
    Line("moonshot", "moonshot, three durable steps", "durable", 5000, 300, p50_ms=40, p99_ms=250, cpu_us=360),
    Line("approval", "approval path, without the person's time", "approval", 300, 120, p50_ms=80),
    Line("observe", "two reads, a write that depends on them, an email", "observe", 100, 120),
    Line("stop", "the harness is proved: the executor stands still 200 ms in every 10 s", "durable", 100, 120, kind="stop"),
    Line("flat", "flat: five times the ended tickets in the database", "durable", 3000, 120, kind="flat"),
    Line("start", "second start, database and broker included", "", 0, 0, kind="start"),
]
SWEEP = [Line(f"rate-{rate}", f"{rate} tickets a second", "durable", rate, 120) for rate in (250, 500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000)]

SHORT_SECONDS = 60
SHORT_WARM_UP = 20
FULL_WARM_UP = 60
MOST_SERVICE_MB = 150
MOST_START_SECONDS = 15
MOST_SLOWER = 1.10            # with five times the ended tickets
KEEPING_UP = 0.99             # of the offered rate
STOP_MS, STOP_EVERY_S = 200, 10


@dataclass
class Verdict:
    """One line: what was asked, what was found, and whether it is met (None: nothing was asked)."""

    met: bool
    reasons: list = field(default_factory=list)   # what is wrong, in plain words

    @property
    def word(self):
        return "reported" if self.met is None else "met" if self.met else "missed"


def judge_load(line, found):
    """`found`: figures of the run, `cpu_us` and `checks` included."""
    wrong = [f"{check['check']}: {check['wrong']} wrong" for check in found["checks"] if check["wrong"]]
    latency = found["latency"]
    for name, most in (("p50", line.p50_ms), ("p99", line.p99_ms)):
        if most is not None and latency[f"{name}_ms"] > most:
            wrong.append(f"{name} {latency[f'{name}_ms']:.1f} ms, above {most:g}")
    if line.cpu_us is not None and found["cpu_us"] > line.cpu_us:
        wrong.append(f"{found['cpu_us']:.0f} µs of CPU per ticket, above {line.cpu_us:g}")
    if found["offered_per_second"] < KEEPING_UP * found["rate"]:
        wrong.append(f"the generator offered {found['offered_per_second']:.0f}/s only")
    if not keeps_up(found["rate"], found):
        wrong.append(f"it falls behind: {found['achieved_per_second']:.0f}/s done, the backlog grows by {found['backlog']['slope_per_second']:.1f} tickets a second")
    return Verdict(not wrong if line.asks or any(check["wrong"] for check in found["checks"]) else None, wrong)


def keeps_up(rate, found):
    """The backlog does not grow. What is on its way at the end is not yet done, so that the achieved rate may lie that much below."""
    return found["backlog"]["slope_per_second"] <= (1 - KEEPING_UP) * rate and not any(
        check["wrong"] for check in found["checks"] if check["check"].startswith("sink"))


def judge_stop(found):
    """Of the tickets, STOP_MS in every STOP_EVERY_S come while the executor stands still, and wait for it to go on."""
    share, expected = found["stopped_share"], STOP_MS / 1000 / STOP_EVERY_S
    wrong = [f"{check['check']}: {check['wrong']} wrong" for check in found["checks"] if check["wrong"]]
    if not expected / 2 <= share <= expected * 2:
        wrong.append(f"{share:.1%} of the tickets show it instead of about {expected:.0%}")
    return Verdict(not wrong, wrong)


def judge_flat(found):
    few, many = found["runs"]
    wrong = [f"{check['check']}: {check['wrong']} wrong" for run in found["runs"] for check in run["checks"] if check["wrong"]]
    for name, first, second in (("p50", few["latency"]["p50_ms"], many["latency"]["p50_ms"]), ("CPU per ticket", few["cpu_us"], many["cpu_us"])):
        if second > MOST_SLOWER * first:
            wrong.append(f"{name} is {second / first - 1:.0%} more with {many['ended']:,} ended tickets than with {few['ended']:,}")
    return Verdict(not wrong, wrong)


def judge_start(found):
    slow = found["seconds"] > MOST_START_SECONDS
    return Verdict(not slow, [f"{found['seconds']:.1f} s, above {MOST_START_SECONDS}"] if slow else [])


def judge_memory(found):
    large = [f"{name} {size:.0f} MB" for name, size in sorted(found["memory_mb"].items()) if name in SERVICES and size > MOST_SERVICE_MB]
    return Verdict(not large, [f"above {MOST_SERVICE_MB} MB: " + ", ".join(large)] if large else [])


SERVICES = ("planner", "executor", "approval", "outbox")
