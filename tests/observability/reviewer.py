"""A reviewer who works through whatever is asked, so that approvals of every end come about: reads the topic `approvals` and answers on
`decisions`, as any program outside of the fleet would."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "fleet"))

from beside import Beside  # noqa: E402
from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from people import decision_headers  # noqa: E402

ANSWERS = [("approve", None), ("approve", None), ("deny", "not this time"), ("request_changes", "half of it")]


class Reviewer(Beside):
    """Answers requests with one of ANSWERS after the other, in the name of everybody of the tenant; some of these decisions need not count.
    Says nothing about tickets whose ids begin like one of `left_alone`."""

    def __init__(self, fleet, left_alone=()):
        self.fleet = fleet
        self.answered = 0
        self.heard = set()  # tickets that an approval was asked for
        self._left_alone = tuple(left_alone)
        super().__init__("reviewer")

    def _go_on(self):
        consumer = Consumer({**self.fleet.kafka_config(), "group.id": "unused", "enable.auto.commit": False})
        producer = Producer(self.fleet.kafka_config("issuer"))
        consumer.assign([TopicPartition("approvals", number, 0) for number in range(self.fleet.partitions)])
        while not self._stop.is_set():
            message = consumer.poll(0.1)
            if message is None or message.error() or dict(message.headers() or []).get("ce_type") != b"approval.requested":
                continue
            approval = json.loads(message.value())
            self.heard.add(approval["ticket_id"])
            if not approval["ticket_id"].startswith(self._left_alone):
                self._answer(approval, message.key(), producer)
        consumer.close()

    def _answer(self, approval, key, producer):
        verb, reason = ANSWERS[self.answered % len(ANSWERS)]
        self.answered += 1
        for (tenant, _), person in self.fleet.people.items():
            if tenant == approval["tenant"]:
                decision = person.decide(approval, verb, reason)
                producer.produce("decisions", json.dumps(decision), key=key, headers=decision_headers(decision))
        producer.flush(10)
