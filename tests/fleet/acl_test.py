"""Everybody may do what they must, and nothing else: every role is tried on every table, every Kafka user on every topic and group."""

import time

import psycopg2
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from fleet import SERVICES
from fleet_case import FleetCase, main

READ, WRITE = "read", "write"

# ---- PostgreSQL

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
EVERYTHING = {"SELECT", "INSERT", "UPDATE", "DELETE"}
WRITTEN_ONCE = {"batch", "history", "change", "attempt", "exchange", "interaction", "handoff_history", "approval_history", "decision", "spent_nonce"}
NEVER_DELETED = {("planner", "conversation"), ("planner", "ticket_event"), ("approval", "handoff")}
READ_BY_ALL = {("core", name) for name in ("document", "activation", "configuration", "applied", "migration", "partitioned_table", "signature")}
CHANGED_IN_PART = {  # what people were asked and what was signed stays as it was written; only these columns move
    ("approval", "approval"): {"state", "decided_at", "people", "reason", "codes"},
    ("approval", "countersignature"): {"consumed_at"},
    ("executor", "countersignature"): set(),
}


def granted(service, schema, table, partition):
    if partition:
        return set()  # reached through its parent only
    if (schema, table) in READ_BY_ALL:
        return {"SELECT"}
    if schema == "audit" and table == "entry":
        return {"INSERT"}
    if schema == service:
        if table in WRITTEN_ONCE:
            return {"SELECT", "INSERT"}
        if table == "topic_slot":
            return {"SELECT"}
        if (schema, table) in CHANGED_IN_PART:
            return {"SELECT", "INSERT"}
        return EVERYTHING - ({"DELETE"} if (schema, table) in NEVER_DELETED else set())
    if service == "outbox" and schema in SERVICES:
        return {"outbox": {"SELECT", "DELETE"}, "incarnation": {"SELECT"}, "topic_slot": {"SELECT"}}.get(table, set())
    return set()


def updatable(service, schema, table, columns, may):
    if schema == service and (schema, table) in CHANGED_IN_PART:
        return CHANGED_IN_PART[schema, table]
    return {name for name, _ in columns} if "UPDATE" in may else set()


def statement(verb, schema, table, columns):
    column, kind = columns[0]
    name = f'"{schema}"."{table}"'
    return {
        "SELECT": f"SELECT 1 FROM {name} LIMIT 1",
        "INSERT": f'INSERT INTO {name} ("{column}") SELECT NULL::{kind} WHERE false',
        "UPDATE": f'UPDATE {name} SET "{column}" = NULL::{kind} WHERE false',
        "DELETE": f"DELETE FROM {name} WHERE false",
        "TRUNCATE": f"TRUNCATE {name}",
    }[verb]


class RolesTest(FleetCase):
    def tables(self):
        with psycopg2.connect(self.fleet.admin_dsn) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT n.nspname, c.relname, c.relispartition, array_agg(a.attname::text ORDER BY a.attnum),"
                " array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                " AND a.attidentity = '' AND a.attgenerated = ''"
                " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' GROUP BY 1, 2, 3 ORDER BY 1, 2")
            return [(schema, table, partition, list(zip(names, kinds))) for schema, table, partition, names, kinds in cursor.fetchall()]

    def allowed(self, connection, sql):
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
            try:
                cursor.execute(sql)
                return True
            except psycopg2.errors.InsufficientPrivilege:
                return False
            finally:
                cursor.execute("ROLLBACK TO before")

    def test_every_role_on_every_table(self):
        tables = self.tables()
        self.assertGreater(len(tables), 40)
        for service in SERVICES:
            connection = psycopg2.connect(self.fleet.role_dsn(service))
            self.addCleanup(connection.close)
            for schema, table, partition, columns in tables:
                may = granted(service, schema, table, partition)
                for verb in VERBS:
                    if verb != "UPDATE":
                        with self.subTest(f"{service} {verb} {schema}.{table}"):
                            self.assertEqual(self.allowed(connection, statement(verb, schema, table, columns)), verb in may)
                moves = updatable(service, schema, table, columns, may)
                for column in columns:
                    with self.subTest(f"{service} UPDATE {schema}.{table}.{column[0]}"):
                        self.assertEqual(self.allowed(connection, statement("UPDATE", schema, table, [column])), column[0] in moves)

    def test_nobody_can_say_who_acted(self):
        for service in SERVICES:
            connection = psycopg2.connect(self.fleet.role_dsn(service))
            self.addCleanup(connection.close)
            for column, value in (("actor", "'somebody'"), ("recorded_at", "now()")):
                with self.subTest(f"{service} {column}"):
                    sql = (f"INSERT INTO audit.entry (id, batch_id, tenant_id, event, {column})"
                           f" VALUES (gen_random_uuid(), gen_random_uuid(), 'acme', 'tried', {value})")
                    self.assertFalse(self.allowed(connection, sql))

    def test_nobody_can_make_tables_roles_or_partitions(self):
        attempts = ("CREATE TABLE public.mine (a int)", "CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE countersign_admin",
                    "SELECT core.partition_by_day('audit', 'entry', 'uuid7', 1)", "ALTER TABLE core.document DISABLE TRIGGER ALL")
        for service in SERVICES:
            connection = psycopg2.connect(self.fleet.role_dsn(service))
            self.addCleanup(connection.close)
            for sql in (*attempts, f"CREATE TABLE {service}.mine (a int)"):
                with self.subTest(f"{service}: {sql}"):
                    self.assertFalse(self.allowed(connection, sql))


# ---- Kafka

REALMED = ("tickets", "approvals", "decisions", "handoffs", "outcomes")
RELAYED = ("plans", "steps", "referrals", "approvals", "verdicts", "handoffs", "outcomes", "messages", "notices", "delivery-results", "dead-letters")
WRITES = {
    "planner": ("plans", "dead-letters"),
    "executor": ("steps", "referrals", "outcomes", "messages", "dead-letters"),
    "approval": ("approvals", "handoffs", "verdicts", "notices", "dead-letters"),
    "outbox": ("delivery-results", "dead-letters"),
    "relay": RELAYED,
    "gateway": ("tickets",),
    "upstream": ("tickets",),
    "issuer": ("decisions",),
    "reviewer": ("decisions",),
}
READS = {
    "planner": ("tickets", "steps"),
    "executor": ("tickets", "plans", "verdicts", "delivery-results"),
    "approval": ("referrals", "decisions"),
    "outbox": ("outcomes", "messages", "notices", "approvals", "handoffs"),
    "relay": (),
    "gateway": (),
    "upstream": ("outcomes",),
    "issuer": (),
    "reviewer": ("approvals", "handoffs", "outcomes"),
}
OUTSIDERS = ("upstream", "issuer", "reviewer")
TOPICS = sorted({topic for topics in (*WRITES.values(), *READS.values()) for topic in topics})
ALL_TOPICS = TOPICS + [f"{topic}.partner" for topic in REALMED]


def may(user, verb, topic):
    name, _, realm = user.partition(".")
    base, _, topic_realm = topic.partition(".")
    if name in OUTSIDERS and realm != topic_realm:
        return False  # outsiders of one realm are nobody in another
    return base in (WRITES if verb == WRITE else READS)[name]


def groups_of(user):
    """A group that the user may join, if any."""
    name, _, realm = user.partition(".")
    if name in SERVICES:
        return f"{name}.tickets"
    return f"{realm or 'main'}.{name}.mine" if name in ("upstream", "reviewer") else None


class PrincipalsTest(FleetCase):
    PATIENCE = 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = [name for name in cls.fleet.kafka.users if name != "admin"]
        producer = Producer(cls.fleet.kafka_config())
        for topic in ALL_TOPICS:
            producer.produce(topic, b"there", partition=0)
        assert producer.flush(cls.PATIENCE) == 0

    def written(self, user):
        """topic -> whether the broker took a message from the user."""
        answers = {}

        def note(error, message):
            answers[message.topic()] = error is None
            if error is not None:
                self.assertEqual(error.code(), KafkaError.TOPIC_AUTHORIZATION_FAILED, f"{user} on {message.topic()}: {error}")

        # As our services write where they may. A refusal would end such a producer, and who may write nowhere does not even get one.
        for allowed in (True, False):
            producer = Producer({**self.fleet.kafka_config(user), "enable.idempotence": allowed, "message.timeout.ms": self.PATIENCE * 1000})
            for topic in ALL_TOPICS:
                if may(user, WRITE, topic) == allowed:
                    producer.produce(topic, b"mine", on_delivery=note)
            producer.flush(self.PATIENCE)
        return answers

    def read(self, user):
        """topic -> whether the broker gave the user a message."""
        answers = {}
        consumer = Consumer({**self.fleet.kafka_config(user), "group.id": groups_of(user) or "nobody", "enable.auto.commit": False})
        for topic in ALL_TOPICS:
            seen = consumer.list_topics(topic, timeout=self.PATIENCE).topics[topic]
            if seen.error is not None:
                # Read would imply Describe. The client asks for nothing of a topic that it may not see.
                self.assertEqual(seen.error.code(), KafkaError.TOPIC_AUTHORIZATION_FAILED)
                answers[topic] = False
        consumer.assign([TopicPartition(topic, 0, 0) for topic in ALL_TOPICS if topic not in answers])
        until = time.monotonic() + self.PATIENCE
        while len(answers) < len(ALL_TOPICS) and time.monotonic() < until:
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error() is None or message.error().code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                answers[message.topic()] = message.error() is None
        consumer.close()
        return answers

    def test_every_user_writing_every_topic(self):
        for user in self.users:
            answers = self.written(user)
            for topic in ALL_TOPICS:
                with self.subTest(f"{user} writes {topic}"):
                    self.assertEqual(answers.get(topic), may(user, WRITE, topic))

    def test_every_user_reading_every_topic(self):
        for user in self.users:
            answers = self.read(user)
            for topic in ALL_TOPICS:
                with self.subTest(f"{user} reads {topic}"):
                    self.assertEqual(answers.get(topic), may(user, READ, topic))

    def test_every_user_in_every_group(self):
        groups = [group for group in map(groups_of, self.users) if group]
        for user in self.users:
            joined = self.joined(user, groups)
            for group in groups:
                with self.subTest(f"{user} in {group}"):
                    self.assertEqual(joined.get(group), group == groups_of(user))

    def joined(self, user, groups):
        """group -> whether the broker let the user in."""
        answers = {}
        known = [topic for topic in ALL_TOPICS if may(user, READ, topic) or may(user, WRITE, topic)]
        consumers = {group: Consumer({**self.fleet.kafka_config(user), "group.id": group}) for group in groups}
        for group, consumer in consumers.items():
            consumer.subscribe(known[:1], on_assign=lambda *_, group=group: answers.update({group: True}))
        until = time.monotonic() + self.PATIENCE
        while len(answers) < len(groups) and time.monotonic() < until:
            for group, consumer in consumers.items():
                message = consumer.poll(0.02)
                if message is not None and message.error() and message.error().code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                    answers[group] = False
        for consumer in consumers.values():
            consumer.close()
        return answers


if __name__ == "__main__":
    main()
