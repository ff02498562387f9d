"""Meters: what a running fleet costs: CPU by process, memory, write-ahead log, commits and fsyncs, read once a second beside a benchmark."""

import os
import time

import psycopg2
from beside import Beside
from process_figures import TICK, children_of, cpu_of, resident_bytes, times_of, whole_cpu_of

DATABASE_SQL = """
    SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, (SELECT wal_sync FROM pg_stat_wal), (SELECT wal_fpi FROM pg_stat_wal),
           (SELECT sum(xact_commit) FROM pg_stat_database), (SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter),
           (SELECT sum(autovacuum_count) FROM pg_stat_user_tables)"""
BACKENDS_SQL = "SELECT pid, coalesce(usename, backend_type) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


class Meters(Beside):
    """Samples while it is entered; `between` then says what a stretch of time cost. Times are CLOCK_MONOTONIC in nanoseconds."""

    def __init__(self, fleet, every=1.0):
        self.fleet = fleet
        self.samples = []
        self.bench = None       # the process that generates load and receives webhooks
        self._every = every
        self._backends = {}     # process → (role, seconds of CPU)
        self._own = {}          # of the benchmark's process, which may have ended
        super().__init__("meters")

    def _go_on(self):
        connection = psycopg2.connect(self.fleet.admin_dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._stop.is_set():
                self.samples.append(self._sample(cursor))
                self._stop.wait(self._every)
            self.samples.append(self._sample(cursor))
        connection.close()

    def _sample(self, cursor):
        cursor.execute(DATABASE_SQL)
        lsn, syncs, pages, commits, checkpoints, vacuums = (float(value or 0) for value in cursor.fetchone())
        cursor.execute(BACKENDS_SQL)
        for pid, role in cursor.fetchall():
            self._backends[pid] = (role.replace("countersign_", ""), cpu_of(pid))
        counters = {"wal_bytes": lsn, "wal_syncs": syncs, "wal_pages": pages, "commits": commits, "checkpoints": checkpoints, "autovacuums": vacuums,
                    **machine_seconds()}
        counters.update({f"cpu/{name}": seconds for name, seconds in self._cpu().items()})
        for role, seconds in self._backends.values():
            counters[f"database/{role}"] = counters.get(f"database/{role}", 0) + seconds
        memory = {name: resident_bytes(pid) / 1e6 for name, pid in self._processes().items()}
        return {"at": time.monotonic_ns(), "counters": counters, "memory_mb": memory}

    def _processes(self):
        return {**{name: self.fleet.pid(name) for name in self.fleet.services}, "kafka": self.fleet.kafka.pid}

    def _cpu(self):
        seconds = self.fleet.cpu_seconds()
        seconds["postgres"] = whole_cpu_of(self.fleet.postgres.pid) + sum(cpu_of(child) for child in children_of(self.fleet.postgres.pid))
        seconds["mail server"] = cpu_of(self.fleet._mail_server.pid)
        if self.bench is not None:
            for part, time_ in threads_of(self.bench.pid).items():
                self._own[part] = max(self._own.get(part, 0.0), time_)
        return {**seconds, **self._own}

    def between(self, begin, end):
        """What each counter went up by, straight lines between samples; and each process's memory at every sample."""
        first, last = self._at(begin), self._at(end)
        inside = [sample["memory_mb"] for sample in self.samples if begin <= sample["at"] <= end] or [self.samples[-1]["memory_mb"]]
        return {name: last[name] - first.get(name, 0) for name in last}, {name: [memory[name] for memory in inside] for name in inside[0]}

    def _at(self, when):
        before = max((sample for sample in self.samples if sample["at"] <= when), key=lambda sample: sample["at"], default=self.samples[0])
        after = min((sample for sample in self.samples if sample["at"] >= when), key=lambda sample: sample["at"], default=self.samples[-1])
        share = 0 if after["at"] == before["at"] else (when - before["at"]) / (after["at"] - before["at"])
        return {name: before["counters"].get(name, 0) + share * (value - before["counters"].get(name, 0)) for name, value in after["counters"].items()}


def threads_of(pid):
    """The benchmark's own: its sink's threads have that name, the others generate."""
    seconds = {"generator": 0.0, "sink": 0.0}
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return {}
    for thread in threads:
        name, times = times_of(f"/proc/{pid}/task/{thread}/stat")
        seconds["sink" if name == "sink" else "generator"] += sum(times[:2]) / TICK
    return seconds


def machine_seconds():
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, idle, wait, irq, soft, steal = (int(field) / TICK for field in file.readline().split()[1:9])
    return {"machine/busy": user + nice + system + irq + soft, "machine/idle": idle + wait, "machine/stolen": steal}
