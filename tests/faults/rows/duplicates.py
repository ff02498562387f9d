"""Row 16: a tenth of the inputs comes again, what was published is published again, and Kafka forgets how far groups had come. Nothing is done twice."""

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from row import Row

REPLAYED = ("plans", "steps", "referrals", "approvals", "verdicts", "handoffs", "outcomes", "messages", "notices", "delivery-results", "decisions")
SESSION = 9.0  # seconds until Kafka gives up a member that has gone


class Duplicates(Row):
    number, title = 16, "duplicates: inputs, outbox, groups"
    duplicates = 0.10
    reset = False

    def harm(self):
        self.arena.pause(2.0)
        self.replay(0.10)
        if not self.reset:
            self.reset = True
            self.reset_groups(self.dice.choice(("planner", "outbox")))

    def replay(self, share):
        """Byte for byte, headers and all, to the same partition."""
        arena = self.arena
        consumer = Consumer({**arena.kafka_config(), "group.id": "replay", "log_level": 0, "enable.auto.commit": False})
        producer = Producer({**arena.kafka_config(), "log_level": 0})
        left = {}
        for topic in consumer.list_topics(timeout=10).topics.values():
            if topic.topic.partition(".")[0] in REPLAYED:
                for partition in topic.partitions:
                    low, high = consumer.get_watermark_offsets(TopicPartition(topic.topic, partition), timeout=10)
                    if high > low:
                        left[(topic.topic, partition)] = high
        consumer.assign([TopicPartition(topic, partition, max(0, high - 300)) for (topic, partition), high in left.items()])
        while left:
            for message in consumer.consume(500, 0.5):
                place = (message.topic(), message.partition())
                if message.error() is None and self.dice.random() < share:
                    producer.produce(message.topic(), message.value(), message.key(), partition=message.partition(), headers=message.headers())
                    self.counts["published again"] += 1
                if place in left and message.offset() + 1 >= left[place]:
                    del left[place]
            arena.keep_up()
        producer.flush(10)
        consumer.close()

    def reset_groups(self, service):
        """Only an empty group may be moved by others."""
        arena = self.arena
        arena.dismiss(service)
        arena.held.add(service)
        arena.pause(SESSION)
        for group, topic, partition in self.supervisor.query(f"SELECT group_name, topic, partition FROM {service}.consumer_offset"):
            mover = Consumer({**arena.kafka_config(), "group.id": group, "log_level": 0, "enable.auto.commit": False})
            try:
                mover.commit(offsets=[TopicPartition(topic, partition, 0)], asynchronous=False)
                self.counts["places reset"] += 1
            except KafkaException:
                self.counts["places not reset"] += 1
            mover.close()
        arena.restart(service)
