"""Yard: a running fleet with a shop behind it, people who throw things at its topics, and a book of what every throw must come to.

What is thrown is bytes: key, value and headers as they are, on the partition that is named, by the Kafka user that may write there. For every
throw the receipt (topic, partition, offset) is kept with the reason that each service must give in its dead letters, so that afterwards each
dead letter is explained by a throw, and each throw by its dead letters.
"""

import collections
import os
import sys
import urllib.request
from dataclasses import dataclass

from confluent_kafka import KafkaException, Producer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "approval"), os.path.join(os.path.dirname(HERE), "fleet")]

import bench  # noqa: E402
import documents  # noqa: E402
import shop  # noqa: E402

TENANT = "acme"
AMOUNT = 1000  # nobody is asked below documents.LIMIT
LARGEST_THROW = 20_000_000  # our own client lets everything through; what is too large is for Kafka to say


@dataclass
class Thrown:
    """One message that is not a good ticket, and what must come of it."""

    row: str
    what: str
    topic: str
    due: dict  # service -> reason; empty: it is no dead letter anywhere
    receipt: tuple = None
    refused: str = ""  # by Kafka, with this error

    def place(self):
        return (self.topic, *self.receipt) if self.receipt else None


@dataclass
class Message:
    """A message as bytes. The pieces may be replaced by anything that Kafka takes."""

    key: bytes
    value: bytes
    headers: list
    topic: str = "tickets"
    user: str = "upstream"


class Yard(bench.Bench):
    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        # A run whose planner is made to fall silent is handed to people after this long, instead of minutes.
        self.fleet.service_flags["executor"] = ["--no-plan-after", f"{shop.PATIENCE_WITH_PLANNER}s"]
        self.thrown = []
        self._users = {}

    def __enter__(self):
        super().__enter__()
        try:
            self.apply(*shop.additions(self.fleet.sandbox_url))
            self.pids = {name: self.fleet.pid(name) for name in self.fleet.services}
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    # ---- throwing

    def offer(self, message, partition, done=None):
        """Offers a message; the receipt comes with flush()."""
        producer = self._producer(message.user)
        while True:
            try:
                producer.produce(message.topic, message.value, message.key, partition=partition, headers=message.headers, on_delivery=done)
                return
            except BufferError:
                producer.poll(0.05)

    def _producer(self, user):
        if user not in self._users:
            self._users[user] = Producer({**self.fleet.kafka_config(user), "acks": "all", "message.max.bytes": LARGEST_THROW, "linger.ms": 5, "log_level": 0})
        return self._users[user]

    def serve(self):
        """Lets receipts come in."""
        for producer in self._users.values():
            producer.poll(0)

    def throw(self, row, what, message, due, partition):
        thrown = Thrown(row, what, message.topic, due)
        self.thrown.append(thrown)

        def note(error, answer):
            if error is not None:
                thrown.refused = error.name()
            else:
                thrown.receipt = (answer.partition(), answer.offset())

        try:
            self.offer(message, partition, note)
        except KafkaException as failure:
            thrown.refused = failure.args[0].name()
        return thrown

    def flush(self):
        for user, producer in self._users.items():
            if producer.flush(60):
                raise bench.FleetFailed(f"Kafka did not answer for what {user} sent")

    # ---- good tickets

    def good(self, ticket, tenant=TENANT, amount=AMOUNT, **more):
        """A ticket that must end with its refund paid once; its order is there at once with seed()."""
        case = bench.Case(tenant, ticket, more.pop("order", f"o-{ticket}"), more.pop("requester", f"c-{ticket}"), amount, 1, more)
        self.cases.append(case)
        return case

    def seed(self, cases):
        for begin in range(0, len(cases), bench.SEEDED_AT_ONCE):
            self._seed(cases[begin:begin + bench.SEEDED_AT_ONCE])

    # ---- what came of it

    def dead_letters(self):
        """(topic, partition, offset) -> service -> reason, of all services."""
        found = collections.defaultdict(dict)
        for service in self.fleet.services:
            for topic, partition, offset, reason in self.rows(f"SELECT topic, partition, log_offset, reason FROM {service}.dead_letter"):
                found[(topic, partition, offset)][service] = reason
        return found

    def dead_in_log(self):
        """How many copies are on the topic of dead letters."""
        consumer = bench.wire.Consumer({**self.fleet.kafka_config(), "group.id": "unused", "log_level": 0})
        marks = [consumer.get_watermark_offsets(bench.wire.TopicPartition("dead-letters", number), 30) for number in range(self.fleet.partitions)]
        consumer.close()
        return sum(high - low for low, high in marks)

    def ends(self):
        """"tenant/ticket" -> how its last run ended, "" while it runs or is about to begin anew."""
        return {f"{tenant}/{ticket}": reason if state == "stopped" and reason != "superseded" else "" for tenant, ticket, state, reason in self.rows(
            "SELECT DISTINCT ON (tenant_id, ticket_id) tenant_id, ticket_id, state, stop_reason FROM executor.run ORDER BY tenant_id, ticket_id, run DESC")}

    def missing_dead_letters(self, thrown):
        found = self.dead_letters()
        return [one for one in thrown if one.receipt and any(service not in found.get(one.place(), {}) for service in one.due)]

    def unended(self, cases):
        ends = self.ends()
        return [case for case in cases if not ends.get(case.key)]

    def metric(self, service, name, label):
        """The sum of a counter's series that carry the label."""
        with urllib.request.urlopen(self.fleet.metrics_url(service), timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if name + "{" in line and label in line)

    def paid(self):
        """(tenant, order) -> how often money went back, by the shop's own journal."""
        return collections.Counter((entry["tenant"], entry["target"]) for entry in self.journal())

    # ---- the processes

    def resident_bytes(self):
        return {name: _status(self.fleet.pid(name), "VmRSS") for name in self.fleet.services}

    def restarted(self):
        """Services that are not the processes that were started, or not there."""
        return [name for name, pid in self.pids.items() if self.fleet.pid(name) != pid or not os.path.exists(f"/proc/{pid}")
                or "Z" in _state(pid)]


def _status(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))


def _state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def opened(case, **other):
    """The data of ticket.opened; `other` replaces members, None takes one away."""
    data = {name: value for name, value in case.event().items() if name != "type"}
    data.update(other)
    return {name: value for name, value in data.items() if value is not None}


def headers(tenant, ticket, event_id, kind="ticket.opened", **other):
    """CloudEvents in binary mode; `other` replaces attributes, None takes one away."""
    attributes = {"specversion": "1.0", "id": event_id, "source": "urn:upstream", "type": kind, "tenant": tenant, "subject": ticket,
                  "partitionkey": f"{tenant}/{ticket}", **other}
    return [("content-type", b"application/json"),
            *[("ce_" + name, value if isinstance(value, bytes) else value.encode()) for name, value in attributes.items() if value is not None]]


def money(minor):
    return documents.money(minor)
