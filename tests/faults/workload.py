#!/usr/bin/python3 -B
"""workload.py FILE: sends numbered tickets to a fleet at a bounded rate, and is its reviewer.

FILE is JSON: seed, count, rate, duplicates (share of events sent twice), kinds, kafka (user -> client settings), partitions, people (files of
keys), journal. Every event that the log has acknowledged becomes a line of the journal, and so does every answer of the reviewer; nothing else
counts as sent. Ends after the last acknowledgement when it gets SIGTERM, and stays the reviewer until then.
"""

import heapq
import json
import random
import signal
import sys
import threading
import time

import neighbours  # noqa: F401
import cases as made
import tickets as drawn
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from people import Key, Person, decision_headers


class Journal:
    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def note(self, **line):
        with self._lock:
            self._file.write(json.dumps(line) + "\n")


class Sender:
    """One realm's upstream. An idempotent producer may fail for good while a broker dies: another one sends again, in the same order, what was not acknowledged."""

    def __init__(self, wish, realm, journal):
        suffix = "" if realm == "main" else f".{realm}"
        self.topic, self.journal, self.owed = "tickets" + suffix, journal, {}
        self.settings = {**wish["kafka"]["upstream" + suffix], "log_level": 0, "enable.idempotence": True, "partitioner": "murmur2_random",
                         "linger.ms": 2, "message.timeout.ms": 0, "reconnect.backoff.max.ms": 500}
        self.begin_anew()

    def begin_anew(self):
        self.failed, self.refused, self.producer = False, [], Producer({**self.settings, "error_cb": self.note_error})
        for number in list(self.owed):
            self.produce(number)

    def note_error(self, error):
        self.failed |= error.fatal()

    def send(self, event_id, kind, said, again):
        headers = [("ce_specversion", b"1.0"), ("ce_id", event_id.encode()), ("ce_source", b"urn:upstream:faults"), ("ce_type", kind.encode()),
                   ("ce_tenant", said["tenant"].encode()), ("ce_subject", said["ticket_id"].encode()), ("content-type", b"application/json")]
        line = {"what": "sent", "tenant": said["tenant"], "ticket": said["ticket_id"], "type": kind, "id": event_id, "again": again, "at": time.time()}
        number = (event_id, again)
        self.owed[number] = (said, headers, line)
        self.produce(number)
        self.look_after()

    def produce(self, number):
        said, headers, line = self.owed[number]

        def acknowledged(error, _):
            if error is not None:
                self.refused.append(number)  # a broker that has just come back does not know its topics yet
            elif self.owed.pop(number, None):
                self.journal.note(**line, acked=time.time())

        while not self.failed:
            try:
                return self.producer.produce(self.topic, json.dumps(said).encode(), f"{said['tenant']}/{said['ticket_id']}".encode(), headers=headers,
                                             on_delivery=acknowledged)
            except BufferError:
                self.producer.poll(0.1)
            except KafkaException as failure:
                self.note_error(failure.args[0])
                if not self.failed:
                    raise

    def look_after(self, wait=0):
        """Hears what was acknowledged; whether something is still owed."""
        self.producer.poll(wait)
        if self.failed:
            self.producer.purge()
            self.producer.flush(1)
            self.begin_anew()
        again, self.refused = self.refused, []
        for number in again:
            if number in self.owed:
                self.produce(number)
        return bool(self.owed)


class Reviewer:
    """Reads `approvals` from the beginning and answers on `decisions`, as its kind of ticket wants it."""

    def __init__(self, wish, realm, journal, stop):
        suffix = "" if realm == "main" else f".{realm}"
        config = {**wish["kafka"]["reviewer" + suffix], "log_level": 0}
        self.wish, self.journal, self.stop, self.suffix = wish, journal, stop, suffix
        self.consumer = Consumer({**config, "group.id": "unused", "enable.auto.commit": False})
        self.producer = Producer({**config, "acks": "all"})
        self.consumer.assign([TopicPartition("approvals" + suffix, number, 0) for number in range(wish["partitions"])])
        self.answered = set()

    def run(self):
        while not self.stop.is_set():
            for message in self.consumer.consume(100, 0.1):
                if message.error() is None and dict(message.headers() or []).get("ce_type") == b"approval.requested":
                    self.answer(json.loads(message.value()), message.key())
            self.producer.poll(0)
        self.producer.flush(10)
        self.consumer.close()

    def person(self, tenant, name):
        path, environment = self.wish["people"][f"{tenant}/{name}"], self.wish["environment"]
        return Person(tenant, name, ["lead"], Key.at(path, ""), environment)

    def answer(self, approval, key):
        if approval["approval_id"] in self.answered:
            return
        self.answered.add(approval["approval_id"])
        kind = approval["ticket_id"].split("-")[1]
        answer = drawn.answer_to(kind)
        self.journal.note(what="asked", tenant=approval["tenant"], ticket=approval["ticket_id"], approval=approval["approval_id"], answer=answer)
        if answer == "expired":
            return
        verb = "approve" if answer == "approved" else "deny"
        self.decide(self.person(approval["tenant"], "lea"), approval, verb, key)
        if self.wish.get("rivals"):  # a second lead says the opposite in the same moment
            self.decide(self.person(approval["tenant"], "lou"), approval, "deny" if verb == "approve" else "approve", key)

    def decide(self, person, approval, verb, key):
        decision = person.decide(approval, verb, *(["It was charged once only."] if verb == "deny" else []))
        for _ in range(2 if len(self.answered) % 10 == 0 else 1):  # some send twice what they do not know to be heard
            self.producer.produce("decisions" + self.suffix, json.dumps(decision).encode(), key, headers=decision_headers(decision))


def send_all(wish, journal, stop):
    """At the rate that was asked for, whatever becomes of what was sent."""
    dice = random.Random(f"workload/{wish['seed']}")
    senders = {tenant: sender for realm, tenants in made.REALMS.items() for sender in [Sender(wish, realm, journal)] for tenant in tenants}
    tickets = drawn.make_tickets(wish["seed"], wish["count"], wish.get("kinds"))
    due = [(number / wish["rate"] + delay, number, order, event) for number, ticket in enumerate(tickets) for order, (delay, event) in enumerate(ticket.events)]
    heapq.heapify(due)
    begin = time.monotonic()
    while due and not stop.is_set():
        at, number, order, (kind, said) = heapq.heappop(due)
        stop.wait(max(0.0, begin + at - time.monotonic()))
        again = order >= 100
        senders[said["tenant"]].send(f"{said['ticket_id']}/{order % 100}", kind, said, again)
        if not again and dice.random() < wish.get("duplicates", 0.0):
            heapq.heappush(due, (at + dice.uniform(0.0, 3.0), number, order + 100, (kind, said)))
        for sender in set(senders.values()):
            sender.look_after()
    for sender in set(senders.values()):
        while sender.look_after(0.1):
            pass
    journal.note(what="through", at=time.time())


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        wish = json.load(file)
    stop, quiet = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # everything is over
    signal.signal(signal.SIGUSR1, lambda *_: quiet.set())  # no new tickets; still the reviewer
    journal = Journal(wish["journal"])
    reviewers = [threading.Thread(target=Reviewer(wish, realm, journal, stop).run) for realm in made.REALMS]
    sending = threading.Thread(target=send_all, args=(wish, journal, quiet))
    for thread in [*reviewers, sending]:
        thread.start()
    while not stop.wait(0.2):
        pass
    quiet.set()
    for thread in [*reviewers, sending]:
        thread.join()


if __name__ == "__main__":
    main()
