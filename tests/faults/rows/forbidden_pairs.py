"""Row 24: credentials used for what is another's, and tickets whose tenant contradicts their realm. Refused, or a dead letter; under load."""

import json
import os

import psycopg2
from confluent_kafka import Producer
from row import Row

SERVICES = ("planner", "executor", "approval", "outbox")
TABLES = {"planner": "conversation", "executor": "effect", "approval": "approval", "outbox": "delivery"}
FORBIDDEN = {"planner": "outcomes", "executor": "verdicts", "approval": "steps", "outbox": "plans", "upstream": "decisions", "reviewer": "verdicts", "relay": "decisions",
             "upstream.partner": "tickets"}


class ForbiddenPairs(Row):
    number, title = 24, "credentials and realms of others"
    strays = 0

    def harm(self):
        self.try_tables()
        self.try_topics()
        self.stray()
        self.arena.pause(1.0)

    def try_tables(self):
        role, other = self.dice.sample(SERVICES, 2)
        for verb in ("SELECT 1 FROM {0} LIMIT 1", "DELETE FROM {0} WHERE false", "UPDATE {0} SET tenant_id = tenant_id WHERE false"):
            connection = psycopg2.connect(self.arena.role_dsn(role))
            try:
                with connection.cursor() as cursor:
                    cursor.execute(verb.format(f"{other}.{TABLES[other]}"))
                self.object(f"{role} may: {verb.format(other + '.' + TABLES[other])}")
            except psycopg2.errors.InsufficientPrivilege:
                self.counts["tables refused"] += 1
            finally:
                connection.close()

    def try_topics(self):
        user = self.dice.choice(sorted(FORBIDDEN))
        producer = Producer({**self.arena.kafka_config(user), "log_level": 0, "message.timeout.ms": 10_000})

        def answered(error, _):
            if error is None:
                self.object(f"{user} may write to {FORBIDDEN[user]}")
            self.counts["topics refused"] += 1

        producer.produce(FORBIDDEN[user], b"mine", b"acme/poison", on_delivery=answered)
        producer.flush(12)

    def stray(self):
        """One realm's upstream speaks for a tenant of the other."""
        self.strays += 1
        producer = Producer({**self.arena.kafka_config("upstream.partner"), "log_level": 0, "partitioner": "murmur2_random"})
        key, said = f"acme/acme-poison-stray-{self.strays:04}", {"tenant": "acme", "ticket_id": f"acme-poison-stray-{self.strays:04}", "requester": {"id": "c-1"}, "subject": "x", "text": "y"}
        headers = [("ce_specversion", b"1.0"), ("ce_id", f"stray-{self.strays}".encode()), ("ce_source", b"urn:upstream:faults"), ("ce_type", b"ticket.opened"),
                   ("ce_subject", said["ticket_id"].encode()), ("ce_tenant", b"acme"), ("content-type", b"application/json")]

        def note(error, message):
            if error is None:
                with open(os.path.join(self.supervisor.scratch, "workload.jsonl"), "a", encoding="utf-8") as file:
                    file.write(json.dumps({"what": "poison", "topic": message.topic(), "partition": message.partition(), "offset": message.offset()}) + "\n")

        producer.produce("tickets.partner", json.dumps(said).encode(), key.encode(), headers=headers, on_delivery=note)
        producer.flush(10)
        self.counts["strays"] += 1
