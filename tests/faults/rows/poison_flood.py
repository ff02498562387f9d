"""Row 19: malformed messages among the tickets, and one that no process survives. All are set aside, the one after five starts; the others flow."""

import json
import os
import time

from confluent_kafka import Producer
from row import Row

PATIENCE = 150.0  # seconds; a life takes its time on a machine that has other things to do
MOST_STARTS = 60  # two until its partition is read with care, five of its own; the others die of what another partition begins with
MALFORMED = (b"", b"{", b"[1,2", b"\xff\xfe", b'{"tenant":"acme"}', b'{"a":1,"a":2}', b"[" * 20000, b'{"tenant":7}', b"null")


class PoisonFlood(Row):
    number, title = 19, "poison flood"
    sent = 0
    killed = False

    def __init__(self, arena, dice, state):
        super().__init__(arena, dice, state)
        self.remarks["dead_reasons"] = ["unhandled"]

    def harm(self):
        self.flood()
        if not self.killed:
            self.killed = True
            self.kill_the_handler()
        self.arena.pause(1.0)

    def flood(self):
        producer = Producer({**self.arena.kafka_config("upstream"), "log_level": 0, "partitioner": "murmur2_random"})
        journal = os.path.join(self.supervisor.scratch, "workload.jsonl")

        def note(error, message):
            if error is None:
                with open(journal, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"what": "poison", "topic": message.topic(), "partition": message.partition(), "offset": message.offset()}) + "\n")

        for _ in range(3):
            self.sent += 1
            key = f"acme/acme-poison-{self.sent:05}"
            headers = [("ce_specversion", b"1.0"), ("ce_id", f"poison-{self.sent}".encode()), ("ce_source", b"urn:upstream:faults"), ("ce_type", b"ticket.opened"),
                       ("ce_subject", key.partition("/")[2].encode()), ("ce_tenant", b"acme"), ("content-type", b"application/json")]
            producer.produce("tickets", self.dice.choice(MALFORMED), key.encode(), headers=headers, on_delivery=note)
            self.counts["malformed"] += 1
        producer.flush(10)

    def kill_the_handler(self):
        """The outbox service dies of the first message it takes in, again and again, until one that it began with is set aside."""
        arena = self.arena
        arena.note("noise", "outbox")
        arena.on_death = lambda member, status: {"env": {"COUNTERSIGN_CRASH_AT": "before_apply:1"}} if member == "outbox" else {}
        arena.kill("outbox")
        until = time.monotonic() + PATIENCE
        quarantined = []
        while not quarantined and time.monotonic() < until and arena.deaths.get("outbox", 0) < MOST_STARTS:
            arena.pause(0.2)
            quarantined = self.supervisor.query("SELECT topic, partition, log_offset FROM outbox.dead_letter WHERE reason = 'unhandled'")
        self.counts["starts until it was set aside"] = arena.deaths.get("outbox", 0)
        arena.on_death = lambda member, status: None
        arena.kill("outbox")
        if not quarantined:
            self.object(f"the message that kills its handler was not set aside within {PATIENCE:.0f} s or {arena.deaths.get('outbox', 0)} starts")
