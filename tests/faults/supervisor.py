"""Supervisor: plays one row against a fleet under load: starts everything, lets the row do its harm, mends, waits for the end, calls the checker.

The workload, the sinks, the proxy and the checker are programs of their own. A row gets a fleet of its own, so that what the checker finds is the
row's doing.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import neighbours
import psycopg2
import cases as made
import tickets as drawn
from arena import SERVICES, Arena
from people import Key

RATE = 30.0
LONGEST_DRAIN = 150.0
PATIENCE = 180.0  # with starts, on a machine that has other things to do
MOST_ATTEMPTS = 13
SEEDED_AT_ONCE = 1000  # tickets; the stand-in reads no body beyond 1 MiB, as a shop would not
HOSTILE = (  # the sinks are never quite well
    {"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "do_then_drop", "probability": 0.02, "count": -1},
    {"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "reset_reused", "probability": 0.05, "count": -1, "work": "first"},
    {"match": {"method": "GET", "path_prefix": "/orders"}, "what": "reset", "probability": 0.02, "count": -1},
    {"match": {"method": "POST", "path_prefix": "/webhooks"}, "what": "do_then_drop", "probability": 0.01, "count": -1},
)


class Supervisor:
    def __init__(self, row_type, seed, seconds, bin_dir, tools_dir, state, rate=RATE, environment=None):
        self.seed, self.seconds, self.rate = seed, seconds, rate
        self.dice = random.Random(f"{seed}/{row_type.number}")
        self.arena = Arena(bin_dir, tools_dir, made.REALMS, made.PEOPLE, proxied=row_type.proxied, environment_of_all=environment)
        self.row = row_type(self.arena, self.dice, state)
        self.row.supervisor = self
        self.samples, self._next_sample = [], 0.0
        self.longest_drain = LONGEST_DRAIN
        self.judge_times = True
        self.count = max(1, int(rate * seconds))

    def play(self):
        """The verdict of the checker, with what the supervisor saw."""
        with tempfile.TemporaryDirectory(prefix="countersign-faults-") as scratch:
            self.scratch = scratch
            try:
                with self.arena:
                    return self._play()
            finally:
                if getattr(self, "workload", None) is not None and self.workload.poll() is None:
                    self.workload.kill()
                    self.workload.wait()

    def _play(self):
        arena, row = self.arena, self.row
        tickets = drawn.make_tickets(self.seed, self.count, row.kinds)
        for piece in range(0, len(tickets), SEEDED_AT_ONCE):
            arena.seed_sandbox(drawn.sandbox_seed(tickets[piece:piece + SEEDED_AT_ONCE]))
        for rule in (*HOSTILE, *row.hostile):
            self.control("behaviour", rule)
        self.control("random_seed", {"seed": self.seed})
        self.control("behaviour", {"match": {"tenant": drawn.KEYLESS_TENANT}, "honour_keys": False})
        drawn.write_documents(os.path.join(self.scratch, "documents"), arena.sandbox_url, arena.secret_name)
        arena.apply(os.path.join(self.scratch, "documents"))
        for member in row.more_members:
            arena.start_service(member)
        arena.wait_ready([*SERVICES, *row.more_members], PATIENCE)
        self.workload = self.start_workload()
        arena.pause(2.0)
        self.until = time.monotonic() + self.seconds
        while time.monotonic() < self.until:
            self.sample()
            row.harm()
        row.mend()
        self.load_ended = time.time()
        self.workload.send_signal(10)
        ended = self.wait_for_the_end()
        row.afterwards()
        begun = time.monotonic()
        verdict = self.judge(ended)
        verdict["took"] = {"to_rest": round(begun - self.until, 1), "judging": round(time.monotonic() - begun, 1)}
        row.after_judgement()
        verdict["row"] = {"number": row.number, "title": row.title, "injections": dict(row.counts), "objections": row.objections, "gave_up": arena.gave_up}
        return verdict

    def control(self, what, body):
        request = urllib.request.Request(f"{self.arena.sandbox_url}/_control/{what}", json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def start_workload(self):
        arena = self.arena
        users = [user + suffix for user in ("upstream", "reviewer") for suffix in ("", ".partner")]
        wish = {
            "seed": self.seed, "count": self.count, "rate": self.rate, "duplicates": self.row.duplicates, "kinds": self.row.kinds, "rivals": self.row.rivals,
            "kafka": {user: arena.kafka_config(user) for user in users}, "partitions": arena.partitions, "environment": arena.environment,
            "people": {f"{tenant}/{name}": arena.key_file(f"{tenant}/{name}") for tenant, name in arena.people},
            "journal": os.path.join(self.scratch, "workload.jsonl"),
        }
        path = os.path.join(self.scratch, "workload.json")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(wish, file)
        return arena._spawn("workload", [sys.executable, "-B", os.path.join(neighbours.HERE, "workload.py"), path])

    # ---- watching

    def query(self, sql):
        connection = psycopg2.connect(self.arena.admin_dsn, connect_timeout=30)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def sample(self):
        """Invariant 14 in one snapshot, now and then."""
        if time.monotonic() < self._next_sample:
            return
        self._next_sample = time.monotonic() + 3
        try:
            known, ended, waiting, live = self.query("""WITH last AS (SELECT DISTINCT ON (tenant_id, ticket_id) tenant_id, ticket_id, state, stop_reason FROM executor.run ORDER BY tenant_id, ticket_id, run DESC)
                SELECT (SELECT count(*) FROM executor.ticket), (SELECT count(*) FROM last WHERE state = 'stopped' AND stop_reason <> 'superseded')
                       + (SELECT count(*) FROM executor.ticket t WHERE status = 'closed' AND NOT EXISTS (SELECT FROM last l WHERE (l.tenant_id, l.ticket_id) = (t.tenant_id, t.ticket_id))),
                       (SELECT count(*) FROM executor.ticket WHERE status = 'unopened'), (SELECT count(*) FROM last WHERE state <> 'stopped')""")[0]
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            return  # it is down, as it should be
        self.samples.append({"in": known, "ended": ended, "waiting": waiting, "live": live})

    def unfinished(self):
        (live, owed, sent), = self.query("""SELECT (SELECT count(*) FROM executor.run WHERE state <> 'stopped'),
            (SELECT count(*) FROM planner.outbox) + (SELECT count(*) FROM executor.outbox) + (SELECT count(*) FROM approval.outbox) + (SELECT count(*) FROM outbox.outbox)
            + (SELECT count(*) FROM outbox.delivery WHERE state IN ('ready', 'leased')) + (SELECT count(*) FROM approval.approval WHERE state IN ('requested', 'approved'))
            + (SELECT count(*) FROM planner.parked) + (SELECT count(*) FROM executor.parked) + (SELECT count(*) FROM approval.parked) + (SELECT count(*) FROM outbox.parked),
            (SELECT count(*) FROM executor.ticket WHERE version > 0)""")
        return live + owed + max(0, self.acknowledged() - sent)

    def acknowledged(self):
        with open(os.path.join(self.scratch, "workload.jsonl"), encoding="utf-8") as file:
            return len({line["ticket"] for line in map(json.loads, file) if line["what"] == "sent" and line["type"] == "ticket.opened"})

    def through(self):
        with open(os.path.join(self.scratch, "workload.jsonl"), encoding="utf-8") as file:
            return any('"through"' in line for line in file)

    def wait_for_the_end(self):
        end = time.monotonic() + self.longest_drain
        self.arena.pause(PATIENCE, until=self.through)
        quiet = 0
        while time.monotonic() < end:
            self.arena.keep_up()
            quiet = quiet + 1 if self.unfinished() == 0 else 0
            if quiet >= 3 and self.consumed():
                return True
            self.arena.pause(0.3)
        return False

    def consumed(self):
        """Whether every consumer has come to the end of its logs."""
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer({**self.arena.kafka_config(), "group.id": "supervisor", "log_level": 0})
        try:
            for service in SERVICES:
                for topic, partition, at in self.query(f"SELECT topic, partition, next_offset FROM {service}.consumer_offset"):
                    if consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)[1] > at:
                        return False
            return True
        finally:
            consumer.close()

    def ages(self):
        found = {}
        for member in self.arena.members():
            try:
                with urllib.request.urlopen(self.arena.metrics_url(member), timeout=3) as answer:
                    text = answer.read().decode()
            except (OSError, ValueError):
                continue
            found[member] = {name: float(value) for name, value in re.findall(r"^countersign_(oldest_\w+|\w*lag_seconds)[^ ]* ([0-9.e+-]+)$", text, re.M)
                             if not any(word in name for word in ("handoff", "waiting", "unknown", "lag"))}
        return found

    # ---- judging

    def judge(self, ended):
        arena = self.arena
        self.workload.terminate()
        self.workload.wait(30)
        scene = {
            "dsn": arena.admin_dsn, "dsn_uri": arena.admin_dsn, "kafka": arena.kafka_config(), "seed": self.seed, "count": self.count, "kinds": self.row.kinds,
            "workload_journal": os.path.join(self.scratch, "workload.jsonl"), "sandbox_journal": arena.sandbox_journal, "logs": arena.logs,
            "injections": sorted(arena.injections, key=lambda one: one["at"]), "load_ended": self.load_ended, "samples": self.samples, "ages": self.ages(),
            "approval_public": Key.at(arena.key_file("approval"), "").public, "most_attempts": MOST_ATTEMPTS,
            "people_public": {f"{tenant}/{name}": person.key.public for (tenant, name), person in arena.people.items()},
            "mail_ids": [mail["message_id"].strip("<>").split("@")[0] for mail in arena.mails()], "secrets": self.secrets(),
            "others": arena.crowding.others, "judge_times": self.judge_times, **self.row.remarks,
        }
        path = os.path.join(self.scratch, "scene.json")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(scene, file)
        verdict_path = os.path.join(self.scratch, "verdict.json")
        done = subprocess.run([sys.executable, "-B", os.path.join(neighbours.HERE, "checker.py"), path, "--json", verdict_path], text=True, capture_output=True)
        if not os.path.exists(verdict_path):
            raise RuntimeError(f"the checker failed:\n{done.stderr[-3000:]}")
        with open(verdict_path, encoding="utf-8") as file:
            verdict = json.load(file)
        verdict["findings"] = done.stdout
        if not ended:
            self.row.object(f"not at rest {self.longest_drain:.0f} s after the load ended")
        return verdict

    def secrets(self):
        arena = self.arena
        words = [*arena.kafka.users.values(), arena.postgres.password]
        for folder in (os.path.join(arena.workdir, "passwords", "database"), os.path.join(arena.workdir, "secrets")):
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    words.append(file.read().strip())
        for name in os.listdir(os.path.join(arena.workdir, "keys")):
            if name.endswith(".jwk"):
                with open(os.path.join(arena.workdir, "keys", name), encoding="utf-8") as file:
                    words.append(json.load(file)["d"])
        return words
