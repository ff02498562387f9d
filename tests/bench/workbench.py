"""Workbench: a fleet with everything beside it that a benchmark needs, and one run of `countersign bench` with its meters and checks."""

import contextlib
import json
import os
import signal
import subprocess
import time

import checks
import documents
import lines
import psycopg2
from beside import Beside
from fleet import Fleet
from meters import Meters
from private_postgres import free_port
from reviewer import Reviewer

SECOND = 1_000_000_000
STATEMENTS_SQL = """
    SELECT usename, query, calls, total_exec_time, rows, wal_bytes::float FROM pg_stat_statements JOIN pg_user ON usesysid = userid
    WHERE usename LIKE 'countersign%' ORDER BY total_exec_time DESC LIMIT 40"""


class BenchFailed(Exception):
    """The benchmark itself could not be carried out."""


class Stopper(Beside):
    """Stops the executor for a moment, again and again, as a machine does that is short of everything."""

    def __init__(self, fleet, pause, every):
        self.pid, self.pause, self.every = fleet.pid("executor"), pause, every
        self.times = []
        super().__init__("stopper")

    def _go_on(self):
        while not self._stop.wait(self.every - self.pause):
            begin = time.monotonic_ns()
            os.kill(self.pid, signal.SIGSTOP)
            try:
                self._stop.wait(self.pause)
            finally:
                os.kill(self.pid, signal.SIGCONT)
            self.times.append((begin, time.monotonic_ns()))


class Workbench:
    def __init__(self, programs, bench, folder, statements=False):
        """bench: the countersign program that offers the load, which may be another build than the fleet's. statements: PostgreSQL counts them."""
        self.bench, self.folder = bench, folder
        self.sink_port = free_port()
        self.fleet = Fleet(programs, realms={"main": documents.TENANTS}, people=documents.PEOPLE)
        self._statements = statements
        if statements:
            self.fleet.postgres.settings.update({"shared_preload_libraries": "pg_stat_statements", "track_io_timing": "on"})
        self._runs = 0

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        self.fleet.__enter__()
        try:
            configuration = os.path.join(self.folder, "documents")
            documents.write(configuration, documents.all_documents(self.fleet.sandbox_url, f"http://127.0.0.1:{self.sink_port}", self.fleet.secret_name))
            self.fleet.apply(configuration)
            self.fleet.wait_ready()
            if self._statements:
                _query(self.fleet, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        except BaseException:
            self.fleet.stop(keep_logs=True)
            raise
        return self

    def __exit__(self, *how):
        self.fleet.__exit__(*how)

    def offer(self, line, seconds, warm_up, seed=None):
        """Offers a line's load and measures what became of it."""
        self._runs += 1
        label = f"{line.name}{self._runs}"
        for piece in documents.seed(label, round(line.rate * (seconds + warm_up)), line.workload):
            self.fleet.seed_sandbox(piece)
        if self._statements:
            _query(self.fleet, "SELECT pg_stat_statements_reset()")
        with Meters(self.fleet) as meters, contextlib.ExitStack() as beside:
            reviewer = beside.enter_context(Reviewer(self.fleet)) if line.workload == "approval" else None
            stopper = beside.enter_context(Stopper(self.fleet, lines.STOP_MS / 1000, lines.STOP_EVERY_S)) if line.kind == "stop" else None
            figures = self._bench(line, label, seconds, warm_up, seed, meters)
        statements = _query(self.fleet, STATEMENTS_SQL) if self._statements else []
        tickets = checks.read_tickets(self._path(label, "csv"))
        os.unlink(self._path(label, "csv"))
        found = {"line": line.name, "rate": line.rate, "workload": line.workload, "seconds_stated": line.seconds, "seconds_run": seconds, **figures}
        found["latency"] = _without(reviewer.took, figures, tickets) if reviewer else {**figures["sink"], "buckets_us": None}
        found["checks"], found["repeats"] = checks.judge(self.fleet, label, line.workload, figures, tickets)
        found.update(_costs(meters, figures))
        if statements:
            found["statements"] = [dict(zip(("role", "query", "calls", "ms", "rows", "wal_bytes"), row)) for row in statements]
        if stopper:
            found.update(_stopped(stopper.times, figures, tickets))
        return found

    def _path(self, label, kind):
        return os.path.join(self.folder, f"{label}.{kind}")

    def _bench(self, line, label, seconds, warm_up, seed, meters):
        event, figures = self._path(label, "event"), self._path(label, "figures")
        with open(event, "w", encoding="utf-8") as file:
            json.dump(documents.event(line.workload), file)
        secrets = [part for tenant in documents.TENANTS
                   for part in ("--webhook-secret", tenant, os.path.join(self.fleet.workdir, "secrets", self.fleet.secret_name(tenant)))]
        command = [self.bench, "bench", "--event", event, "--label", label, "--rate", str(line.rate), "--seconds", str(seconds), "--warm-up", str(warm_up),
                   "--port", str(self.sink_port), "--tool-journal", self.fleet.sandbox_journal, "--figures", figures, "--tickets", self._path(label, "csv"),
                   "--patience", str(max(30, seconds)), *(["--seed", str(seed)] if seed is not None else []), *secrets]
        log = self._path(label, "log")
        with open(log, "w", encoding="utf-8") as output:
            meters.bench = subprocess.Popen(command, env=self._environment(line), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
            status = meters.bench.wait()
        if not os.path.exists(figures):
            with open(log, encoding="utf-8") as said:
                raise BenchFailed(f"countersign bench ended with {status}:\n{said.read()[-2000:]}")
        with open(figures, encoding="utf-8") as file:
            return json.load(file)

    def _environment(self, line):
        """As the Kafka user of an upstream, who may write tickets and nothing else."""
        environment = self.fleet.operator_environment()
        environment["COUNTERSIGN_KAFKA_SET"] = ";".join(
            ("security.protocol=sasl_plaintext", "sasl.mechanisms=PLAIN", "sasl.username=upstream", f"linger.ms={line.linger_ms}"))
        environment["COUNTERSIGN_KAFKA_PASSWORD_FILE"] = os.path.join(self.fleet.workdir, "passwords", "kafka", "upstream")
        return environment


def _query(fleet, sql):
    connection = psycopg2.connect(fleet.admin_dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _costs(meters, figures):
    """While load was offered: everything per ticket that was done meanwhile, so that a fleet that falls behind does not look thrifty."""
    grown, memory = meters.between(figures["begin_ns"], figures["sent_ns"])
    length = (figures["sent_ns"] - figures["begin_ns"]) / SECOND
    tickets = max(figures["achieved_per_second"] * length, 1)
    cpu = {name[4:]: value * 1e6 / tickets for name, value in grown.items() if name.startswith("cpu/")}
    ours = sum(value for name, value in grown.items() if name.startswith("cpu/"))
    return {
        "cpu_us": sum(cpu.values()), "cpu_us_by_process": cpu, "memory_mb": {name: max(sizes) for name, sizes in memory.items()},
        "memory_growth_mb": {name: _growth(sizes) for name, sizes in memory.items()},
        "database_us_by_role": {name[9:]: value * 1e6 / tickets for name, value in grown.items() if name.startswith("database/")},
        "per_ticket": {name: grown[name] / tickets for name in ("wal_bytes", "wal_syncs", "commits")},
        "wal_pages": grown["wal_pages"], "checkpoints": grown["checkpoints"], "autovacuums": grown["autovacuums"],
        "machine": {"busy": grown["machine/busy"] / length, "ours": ours / length, "others": max(0.0, (grown["machine/busy"] - ours) / length),
                    "stolen": grown["machine/stolen"] / length, "cores": os.cpu_count()},
    }


def _growth(sizes):
    """From the first quarter's mean to the last one's."""
    quarter = max(len(sizes) // 4, 1)
    return (sum(sizes[-quarter:]) - sum(sizes[:quarter])) / quarter


def percentile(ordered, percent):
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))] if ordered else 0


def _without(took, figures, tickets):
    """Latency less what the person took; who was never asked took nothing."""
    ordered = sorted(((one["webhook_ns"] or figures["end_ns"]) - one["intended_ns"] - took.get(one["ticket"], 0)
                      for one in tickets if one["intended_ns"] >= figures["begin_ns"]))
    return {**{f"p{str(p).replace('.', '_')}_ms": percentile(ordered, p) / 1e6 for p in (50, 90, 99)}, "p99_9_ms": ordered[int((len(ordered) - 1) * 0.999)] / 1e6,
            "max_ms": ordered[-1] / 1e6, "count": len(ordered)}


def _stopped(times, figures, tickets):
    """The share of tickets that show a stop: meant to be sent while the executor stood still, and not done before it went on."""
    measured = [one for one in tickets if one["intended_ns"] >= figures["begin_ns"]]
    shown = sum(any(begin <= one["intended_ns"] < end <= (one["effect_ns"] or figures["end_ns"]) for begin, end in times) for one in measured)
    return {"stops": len(times), "stopped_share": shown / max(len(measured), 1)}
