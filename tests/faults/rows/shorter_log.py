"""Row 23: a topic is deleted and made again while its consumer is away. It must refuse to read, say so, and go on after the repair command."""

import time
import urllib.error
import urllib.request

from confluent_kafka.admin import AdminClient
from row import Row

SERVICE, TOPIC = "outbox", "outcomes"
WATCHED_FOR = 6.0
PATIENCE = 30.0


class ShorterLog(Row):
    number, title = 23, "the log is shorter than the offset"

    def harm(self):
        self.arena.pause(1.0)

    def after_judgement(self):
        """The checker has read the topic before it goes."""
        arena = self.arena
        arena.held.add(SERVICE)
        arena.kill(SERVICE)
        places = self.places()
        self.make_again()
        self.counts["made again"] += 1
        arena.restart(SERVICE)
        if arena.pause(WATCHED_FOR, until=self.ready):
            self.object("the service is ready though its topic is another one")
        if self.places() != places:
            self.object(f"its place moved by itself: {places} to {self.places()}")
        if "repair" not in self.why():
            self.object(f"/readyz does not say what to do: {self.why()[:200]}")
        for (topic, partition), _ in places.items():
            arena.cli("offsets", "repair", "--service", SERVICE, "--topic", topic, "--partition", str(partition), "--to", "high", "--yes")
        if not arena.pause(PATIENCE, until=self.ready):
            self.object(f"not ready {PATIENCE:.0f} s after the repair: {self.why()[:200]}")

    def places(self):
        return {(topic, partition): at for topic, partition, at in
                self.supervisor.query(f"SELECT topic, partition, next_offset FROM {SERVICE}.consumer_offset WHERE topic = '{TOPIC}' AND next_offset > 0")}

    def make_again(self):
        admin = AdminClient(self.arena.kafka_config())
        admin.delete_topics([TOPIC])[TOPIC].result(20)
        until = time.monotonic() + 20
        while TOPIC in admin.list_topics(timeout=10).topics and time.monotonic() < until:
            self.arena.pause(0.1)
        self.arena.cli("topics", "create", "--partitions", str(self.arena.partitions), *[part for realm in self.arena.realms for part in ("--realm", realm)])

    def ready(self):
        return self.arena._ready(SERVICE)

    def why(self):
        try:
            with urllib.request.urlopen(self.arena.metrics_url(SERVICE).replace("/metrics", "/readyz"), timeout=3) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.read().decode()
        except (OSError, ValueError) as failure:
            return str(failure)
