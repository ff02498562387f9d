"""Row 17: a service dies with messages committed and unpublished; they are published backwards, and then again in order when it returns."""

import signal

import psycopg2
from confluent_kafka import Producer
from row import Row


class Reordering(Row):
    number, title = 17, "reordering and delay"

    def harm(self):
        arena = self.arena
        service = self.dice.choice(("planner", "executor", "executor", "approval"))
        arena.pause_kafka(True)  # nothing is published, everything is committed
        arena.pause(1.5)
        arena.held.add(service)
        arena.kill(service)
        arena.pause_kafka(False)
        self.publish_backwards(service)
        arena.pause(0.5)
        arena.restart(service)
        self.delay()
        arena.pause(self.dice.uniform(1.0, 3.0))

    def publish_backwards(self, service):
        connection = psycopg2.connect(self.arena.admin_dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT aggregatetype, aggregateid, payload, headers FROM {service}.outbox WHERE raw_headers IS NULL ORDER BY aggregateid, sequence DESC, id DESC")
            rows = cursor.fetchall()
        connection.close()
        producer = Producer({**self.arena.kafka_config(), "log_level": 0, "partitioner": "murmur2_random"})
        for topic, key, payload, headers in rows:
            producer.produce(topic, bytes(payload), key.encode(), headers=[(name, str(value).encode()) for name, value in headers.items()])
            self.counts["published backwards"] += 1
        producer.flush(20)

    def delay(self):
        """Somebody reads on late."""
        member = self.dice.choice(self.arena.members())
        self.arena.send(member, signal.SIGSTOP)
        self.arena.pause(1.0)
        self.arena.send(member, signal.SIGCONT)
        self.counts["delayed"] += 1
