"""Scene: everything that a finished run left behind, read once: PostgreSQL in one snapshot, the topics from offset 0, the journals of the sinks."""

import collections
import json
import os

import neighbours  # noqa: F401
import confluent_kafka
import psycopg2
import tickets as drawn

SERVICES = ("planner", "executor", "approval", "outbox")


class Message:
    """A message of the log, with the headers that tell whose it is."""

    def __init__(self, topic, partition, offset, key, headers, value):
        self.topic, self.partition, self.offset = topic, partition, offset
        self.key = key.decode(errors="replace") if key is not None else None
        self.headers = {name: (content or b"").decode(errors="replace") for name, content in headers or []}
        self.value = value or b""

    id = property(lambda self: self.headers.get("ce_id", ""))
    type = property(lambda self: self.headers.get("ce_type", ""))
    source = property(lambda self: self.headers.get("ce_source", ""))
    sequence = property(lambda self: int(self.headers.get("ce_sequence", "0")))
    internal = property(lambda self: self.topic.partition(".")[0] not in ("tickets", "decisions", "dead-letters"))


def drain(config, known=()):
    """Every message of every topic of ours, from offset 0 to what is there now; `known`: messages of topics that are gone."""
    consumer = confluent_kafka.Consumer({**config, "group.id": "checker", "log_level": 0, "auto.offset.reset": "error", "enable.auto.commit": False})
    left = {}
    for topic, about in consumer.list_topics(timeout=20).topics.items():
        for partition in about.partitions if not topic.startswith("__") else ():
            low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, partition), timeout=20)
            if high > low:
                left[(topic, partition)] = (low, high)
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, low) for (topic, partition), (low, _) in left.items()])
    messages = list(known)
    while left:
        message = consumer.poll(20)
        if message is None:
            raise RuntimeError(f"the topics went silent with {left} still to come")
        if message.error():
            raise RuntimeError(str(message.error()))
        place = (message.topic(), message.partition())
        if place in left:
            messages.append(Message(*place, message.offset(), message.key(), message.headers(), message.value()))
            if message.offset() + 1 >= left[place][1]:
                del left[place]
    consumer.close()
    return messages


def read_lines(path):
    """JSON lines; the last may be half written by somebody who was killed."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


class Scene:
    def __init__(self, about):
        """about: what the supervisor wrote down: dsn, kafka, journals, seed, count, kinds, keys, logs, secrets, injections."""
        self.about = about
        self._connection = psycopg2.connect(about["dsn"])
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        self.rows("SELECT 1")  # the snapshot is older than what is read of the topics: whatever it says was published or consumed is there
        self.messages = drain(about["kafka"])
        self.tickets = {one.key: one for one in drawn.make_tickets(about["seed"], about["count"], about.get("kinds"))}
        self.sent = read_lines(about["workload_journal"])
        self.journal = read_lines(about["sandbox_journal"])
        self.published = collections.defaultdict(set)  # ticket -> ids of acknowledged events
        for line in self.sent:
            if line["what"] == "sent":
                self.published[(line["tenant"], line["ticket"])].add(line["id"])
        self.injections = about["injections"]

    def rows(self, sql, parameters=None):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def rows_now(self, sql):
        """Later than everything that was read of the topics: whatever is there has its row."""
        with psycopg2.connect(self.about["dsn"]) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def of_topic(self, name):
        return [message for message in self.messages if message.topic.partition(".")[0] == name]

    def kind(self, key):
        return key[1].split("-")[1]


class Findings:
    """What was looked at and what was wrong, by the number of the invariant."""

    def __init__(self):
        self.by_number = {}
        self.counts = collections.Counter()

    def check(self, number, what, looked_at, wrong, unless_unfinished=False):
        """unless_unfinished: work that is not over yet would explain it; what the others find holds at any moment."""
        wrong = [str(one) for one in wrong]
        self.by_number.setdefault(number, []).append({"what": what, "looked_at": looked_at, "wrong": len(wrong), "samples": wrong[:5],
                                                      "unless_unfinished": unless_unfinished})

    @property
    def broken(self):
        return sorted({number for number, checks in self.by_number.items() for check in checks if check["wrong"]})
