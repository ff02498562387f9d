"""Company: a running fleet, and around it what a company would bring: a reviewer's tool for each tenant, a receiver of webhooks, users' settings."""

import json
import os
import signal
import subprocess
import sys
import time

import documents
import psycopg2
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from fleet import Fleet
from private_postgres import follow_parent
from tickets import APPROVE_UP_TO, ASK_UP_TO, KINDS, MODES, REVIEWERS, money

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = "interop"
USERS = ("upstream", "reviewer")
WHAT_OUTSIDERS_TOUCH = ("tickets", "decisions", "approvals", "outcomes")
PATIENCE = 60.0


def reviewer_mode(tenant, person):
    """First and second reviewer of a tenant differ, and so do the first ones of two tenants."""
    return MODES[(list(REVIEWERS).index(tenant) + REVIEWERS[tenant].index(person)) % 2]


class Company:
    def __init__(self, bin_dir):
        self.fleet = Fleet(bin_dir, realms={"main": list(REVIEWERS)}, people={tenant: {name: ["lead"] for name in crew} for tenant, crew in REVIEWERS.items()},
                           environment=ENVIRONMENT, fast_kafka=True, fsync=False)
        self.settings = {}  # user -> file
        self._reviewers = []
        self._reader = None

    def __enter__(self):
        self.fleet.__enter__()
        self.settings = {user: self._settings_file(user) for user in USERS}
        self._reader = Consumer({**self.fleet.kafka_config(), "group.id": "unused", "enable.auto.commit": False})
        return self

    def __exit__(self, kind, *rest):
        for reviewer in self._reviewers:
            reviewer.kill()
            reviewer.wait()
        self._reader.close()
        self.fleet.__exit__(kind, *rest)

    def _settings_file(self, user):
        path = os.path.join(self.fleet.workdir, f"{user}.properties")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in self.fleet.kafka_config(user).items())
        return path

    # ---- before the tickets

    def configure(self, receiver):
        """Everything that tickets are handled by; each tenant's webhooks go to RECEIVER/TENANT."""
        endpoints = [{"kind": "endpoint", "tenant": tenant, "name": "results", "version": 1, "url": f"{receiver}/{tenant}", "types": ["*"],
                      "secrets": [self.fleet.secret_name(tenant)], "timeout_ms": 5000, "schedule_ms": [0, 500, 1000, 2000], "order": "ordered",
                      "enabled": True} for tenant in REVIEWERS]
        folder = os.path.join(self.fleet.workdir, "documents")
        documents.write(folder, documents.all_documents(list(REVIEWERS), self.fleet.sandbox_url) + endpoints)
        self.fleet.apply(folder)
        self.fleet.wait_ready()

    def webhook_secrets(self):
        secrets = {}
        for tenant in REVIEWERS:
            with open(os.path.join(self.fleet.workdir, "secrets", self.fleet.secret_name(tenant)), encoding="utf-8") as file:
                secrets[tenant] = file.read().strip()
        return secrets

    def stock(self, tickets):
        """An order that was paid for, for every ticket that wants money back."""
        seed = {tenant: {"orders": [], "payments": []} for tenant in REVIEWERS}
        for ticket in tickets:
            seed[ticket.tenant]["orders"].append({"id": ticket.order, "customer_id": f"c-{ticket.name}", "total": money(100_000)})
            seed[ticket.tenant]["payments"].append({"id": f"p-{ticket.name}", "order_id": ticket.order, "amount": money(100_000)})
        self.fleet.seed_sandbox({"tenants": seed})

    def employ_reviewers(self):
        for tenant, crew in REVIEWERS.items():
            for number, person in enumerate(crew):
                self._employ(tenant, person, [*["--second"] * number, *["--structured"] * (reviewer_mode(tenant, person) == "structured")])

    def _employ(self, tenant, person, flags):
        command = [sys.executable, "-B", os.path.join(HERE, "reviewer.py"), "--kafka", self.settings["reviewer"], "--group", f"main.reviewer.desk-{person}",
                   "--tenant", tenant, "--person", person, "--key", self.fleet.key_file(f"{tenant}/{person}"), "--environment", ENVIRONMENT,
                   "--approve-up-to", APPROVE_UP_TO, "--ask-up-to", ASK_UP_TO, *flags]
        parent = os.getpid()
        with open(os.path.join(self.fleet.logs, f"reviewer-{person}.log"), "wb") as log:
            self._reviewers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                                    preexec_fn=lambda: follow_parent(parent)))

    def dismiss_reviewers(self):
        """How they ended; 0 is well."""
        for reviewer in self._reviewers:
            reviewer.send_signal(signal.SIGTERM)
        ends = [reviewer.wait(20) for reviewer in self._reviewers]
        self._reviewers = []
        return ends

    # ---- what became of them

    def rows(self, sql, *parameters):
        connection = psycopg2.connect(self.fleet.admin_dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    def wait_until_done(self, events):
        """All of the tickets have ended, people have answered all they were asked, and every outcome is with the receiver."""
        until = time.monotonic() + PATIENCE
        while owed := {what: n for what, n in self._owed(events).items() if n}:
            if any(reviewer.poll() is not None for reviewer in self._reviewers) or time.monotonic() > until:
                return owed
            time.sleep(0.1)
        return {}

    def _owed(self, events):
        (heard, open_runs, asked, unpublished, delivered), = self.rows(
            """SELECT least((SELECT count(*) FROM planner.ticket_event), (SELECT count(*) FROM executor.ticket_event)),
                      (SELECT count(*) FROM executor.run WHERE state <> 'stopped'),
                      (SELECT count(*) FROM approval.approval WHERE state IN ('requested', 'approved')),
                      (SELECT count(*) FROM planner.outbox) + (SELECT count(*) FROM executor.outbox) + (SELECT count(*) FROM approval.outbox),
                      (SELECT count(*) FROM outbox.delivery WHERE state = 'delivered')""")
        wanted = len(REVIEWERS) * len(MODES) * len(KINDS) * 3
        ended, = self.rows("SELECT count(*) FROM (SELECT 1 FROM executor.run WHERE stop_reason <> 'superseded' GROUP BY tenant_id, ticket_id) one")[0]
        outcomes = sum(end + 1 for end in self.ends("outcomes").values())
        return {"events not heard": events - heard, "tickets without an outcome": max(0, wanted - ended), "open runs": open_runs,
                "waiting approvals": asked, "unpublished messages": unpublished, "undelivered webhooks": outcomes - delivered}

    def topics(self):
        """Those of the broker, but for Kafka's own."""
        return {name for name in AdminClient(self.fleet.kafka_config()).list_topics(timeout=20).topics if not name.startswith("__")}

    def ends(self, topic):
        """partition -> last offset, of the partitions that have any."""
        marks = {number: self._reader.get_watermark_offsets(TopicPartition(topic, number), timeout=20) for number in range(self.fleet.partitions)}
        return {number: high - 1 for number, (_, high) in marks.items() if high > 0}

    def partitions_of(self):
        """key -> the partitions on which its messages are, over every topic that outsiders touch."""
        ends = {(topic, number): end for topic in WHAT_OUTSIDERS_TOUCH for number, end in self.ends(topic).items()}
        self._reader.assign([TopicPartition(topic, number, 0) for topic, number in ends])
        found = {}
        while ends:
            message = self._reader.poll(20)
            if message is None or message.error():
                raise RuntimeError(f"could not read to the end of {sorted(ends)}: {message and message.error()}")
            place = (message.topic(), message.partition())
            found.setdefault(message.key().decode(), set()).add(message.partition())
            if message.offset() == ends.get(place):
                del ends[place]
        return found

    def refunds(self):
        """(tenant, order) of each, from the shop's own journal."""
        with open(self.fleet.sandbox_journal, encoding="utf-8") as file:
            entries = [json.loads(line) for line in file]
        return [(entry["tenant"], entry["target"]) for entry in entries if entry["kind"] == "refund"]
