"""Wire: what the fleet says on Kafka while a trial runs, kept by ticket, and whatever the trial wants to say itself, under any of the fleet's names.

Everything is read by a thread from the beginning of each topic, as an outsider would read it; nothing here looks into a service. A message
that comes again under its id, as it may after a crash, is counted and not kept; under its id with another text it is kept, and shows.
"""

import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass

from beside import Beside
from confluent_kafka import Consumer, Producer, TopicPartition
from people import decision_headers

TOPICS = ("approvals", "referrals", "verdicts", "outcomes", "steps")
PATIENCE = 60.0


class NeverCame(Exception):
    """What was waited for did not come in time."""

    def __init__(self, key, text):
        super().__init__(text)
        self.key = key


@dataclass
class Said:
    """One message."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: dict
    data: dict

    @property
    def type(self):
        return self.headers.get("ce_type", "")

    @property
    def sequence(self):
        return int(self.headers.get("ce_sequence") or 0)


class Wire(Beside):
    def __init__(self, fleet):
        self.fleet = fleet
        self._heard = {}  # key -> messages, in the order in which they came
        self._digests = {}  # (topic, source, id) -> of what it said
        self.repeats = 0
        self._producers = {}
        self._forged = {}  # (topic, key) -> the sequence that was last used by us
        self._news = threading.Condition()
        super().__init__("wire")

    # ---- listening

    def _go_on(self):
        consumer = Consumer({**self.fleet.kafka_config(), "group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                             "log_level": 0})
        consumer.assign([TopicPartition(topic, number, 0) for topic in TOPICS for number in range(self.fleet.partitions)])
        while not self._stop.is_set():
            for message in consumer.consume(1000, 0.05):
                if message.error() is None:  # a broker that is away comes back, and the reader goes on where it was
                    self._note(message)
        consumer.close()

    def _note(self, message):
        headers = {name: (value or b"").decode(errors="replace") for name, value in message.headers() or []}
        try:
            data = json.loads(message.value() or b"null")
        except (ValueError, RecursionError):
            data = None
        if self._repeated((message.topic(), headers.get("ce_source"), headers.get("ce_id")), message.value() or b""):
            return
        said = Said(message.topic(), message.partition(), message.offset(), (message.key() or b"").decode(errors="replace"), headers, data)
        with self._news:
            self._heard.setdefault(said.key, []).append(said)
            self._news.notify_all()

    def _repeated(self, identity, body):
        digest = hashlib.sha256(body).digest()
        if self._digests.get(identity) == digest:
            self.repeats += 1
            return True
        self._digests[identity] = digest
        return False

    def heard(self, key, kind=None, where=lambda data: True):
        with self._news:
            return [said for said in self._heard.get(key, ()) if kind in (None, said.type) and where(said.data)]

    def keys_with(self, kind):
        with self._news:
            return {key: [said.data for said in all_said if said.type == kind] for key, all_said in self._heard.items()
                    if any(said.type == kind for said in all_said)}

    def wait_for(self, key, kind, nth=1, where=lambda data: True, patience=PATIENCE):
        """The data of the nth message of this kind about this ticket."""
        until = time.monotonic() + patience
        with self._news:
            while True:
                found = [said.data for said in self._heard.get(key, ()) if said.type == kind and where(said.data)]
                if len(found) >= nth:
                    return found[nth - 1]
                if not self._news.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    heard = [" ".join([said.type, *(said.data or {}).get("codes", [])]) for said in self._heard.get(key, ())]
                    raise NeverCame(key, f"{key}: no {kind} number {nth} within {patience:.0f} s; heard {heard}")

    # ---- speaking

    def _producer(self, user):
        if user not in self._producers:
            self._producers[user] = Producer({**self.fleet.kafka_config(user), "acks": "all", "log_level": 0})
        return self._producers[user]

    def decide(self, *decisions):
        """Publishes the data of decision.submitted, all in one go, as a reviewer's tool."""
        producer = self._producer("reviewer")
        for data in decisions:
            key = f"{data['tenant']}/{data['ticket_id']}"
            producer.produce("decisions", json.dumps(data).encode(), key.encode(), headers=decision_headers(data))
        if producer.flush(30):
            raise NeverCame(key, "the decisions were not taken by Kafka")

    def forge(self, user, topic, key, kind, data):
        """A message between services, under the Kafka user of one of them, with the sequence that is due on this key."""
        earlier = [said for said in self.heard(key) if said.topic == topic]
        sequence = max([said.sequence for said in earlier] + [self._forged.get((topic, key), 0)]) + 1
        self._forged[(topic, key)] = sequence
        headers = {
            "ce_specversion": "1.0", "ce_id": secrets.token_hex(16), "ce_source": f"urn:countersign:{user}", "ce_type": kind,
            "ce_subject": key.split("/", 1)[1], "ce_tenant": key.split("/", 1)[0], "ce_partitionkey": key, "content-type": "application/json",
            "ce_sequence": str(sequence),
        }
        partition = {"partition": earlier[-1].partition} if earlier else {}
        producer = self._producer(user)
        producer.produce(topic, json.dumps(data).encode(), key.encode(), headers=list(headers.items()), **partition)
        if producer.flush(30):
            raise NeverCame(key, f"{topic} did not take the message of {user}")


def digest_of_token(token):
    return hashlib.sha256(token.encode()).hexdigest()
