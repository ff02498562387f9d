"""Reviewer: works through everything that is asked, as a program outside of the fleet would. Reads `approvals` and answers on `decisions`.

What it says about a ticket is drawn by a seed (`cases.answer_to`), so that a checker knows it without having heard it. One answer in ten is
sent twice, byte for byte, as tools do that do not know whether they were heard.
"""

import collections
import json
import threading

import cases as made
from confluent_kafka import Consumer, Producer, TopicPartition
from people import decision_headers


class Reviewer:
    def __init__(self, fleet, seed):
        self.fleet, self.seed = fleet, seed
        self.said = collections.Counter()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(realm,), name=f"reviewer-{realm}") for realm in made.REALMS]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, realm):
        """One realm, as its own Kafka user, who may see and say nothing of the other."""
        suffix = "" if realm == "main" else f".{realm}"
        config = {**self.fleet.kafka_config("reviewer" + suffix), "log_level": 0}
        consumer = Consumer({**config, "group.id": "unused", "enable.auto.commit": False})
        producer = Producer({**config, "acks": "all"})
        consumer.assign([TopicPartition("approvals" + suffix, number, 0) for number in range(self.fleet.partitions)])
        while not self._stop.is_set():
            for message in consumer.consume(100, 0.05):
                if message.error() is None and dict(message.headers() or []).get("ce_type") == b"approval.requested":
                    self._answer(json.loads(message.value()), message.key(), producer, "decisions" + suffix)
        consumer.close()
        producer.flush(10)

    def _answer(self, approval, key, producer, topic):
        answer = made.answer_to(self.seed, approval["tenant"], approval["ticket_id"])
        self.said[answer] += 1
        if answer == "expired":
            return
        number = self.said.total()
        person = self.fleet.people[(approval["tenant"], ("lea", "lou")[number % 2])]
        decision = person.decide(approval, "approve") if answer == "approved" else person.decide(approval, "deny", "It was charged once only.")
        for _ in range(2 if number % 10 == 0 else 1):
            producer.produce(topic, json.dumps(decision).encode(), key, headers=decision_headers(decision))
        producer.poll(0)
