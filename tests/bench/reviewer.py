"""Reviewer: agrees to whatever is asked, as soon as it is asked, and notes how long that took: the person's time is not the fleet's."""

import json
import time

from beside import Beside
from confluent_kafka import Consumer, Producer, TopicPartition
from people import decision_headers


class Reviewer(Beside):
    def __init__(self, fleet):
        self.fleet = fleet
        self.took = {}  # ticket → nanoseconds from hearing of it to having said yes
        super().__init__("reviewer")

    def _go_on(self):
        config = {**self.fleet.kafka_config("reviewer"), "log_level": 0}
        consumer = Consumer({**config, "group.id": "unused", "enable.auto.commit": False, "fetch.wait.max.ms": 10})
        producer = Producer({**config, "acks": "all", "linger.ms": 0})
        consumer.assign([TopicPartition("approvals", number, 0) for number in range(self.fleet.partitions)])
        while not self._stop.is_set():
            messages, heard = consumer.consume(200, 0.01), time.monotonic_ns()
            for message in messages:
                if message.error() is None and dict(message.headers() or []).get("ce_type") == b"approval.requested":
                    self._agree(json.loads(message.value()), message.key(), heard, producer)
            producer.poll(0)
        consumer.close()
        producer.flush(10)

    def _agree(self, approval, key, heard, producer):
        decision = self.fleet.people[(approval["tenant"], "lea")].decide(approval, "approve")
        producer.produce("decisions", json.dumps(decision).encode(), key, headers=decision_headers(decision))
        self.took[approval["ticket_id"]] = time.monotonic_ns() - heard
