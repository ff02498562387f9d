-- What every consumer of the processing core keeps in its own schema. Applied once per service.

CREATE SCHEMA IF NOT EXISTS {{schema}};
GRANT USAGE ON SCHEMA {{schema}} TO {{role}};

-- One row per life of a process. Outbox rows belong to one; when its lease ends, others may publish what it left behind.
CREATE TABLE {{schema}}.incarnation (
    id          uuid PRIMARY KEY,
    instance    text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until timestamptz NOT NULL
);
CREATE INDEX incarnation_instance ON {{schema}}.incarnation (instance, lease_until);

-- The witness of a transaction: present means committed, unless it says void (a commit in doubt that was found not to have happened).
CREATE TABLE {{schema}}.batch (
    id           uuid PRIMARY KEY,
    stage        text NOT NULL,
    incarnation  uuid NOT NULL,
    topics       text[] NOT NULL DEFAULT '{}',
    partitions   integer[] NOT NULL DEFAULT '{}',
    epochs       bigint[] NOT NULL DEFAULT '{}',
    from_offsets bigint[] NOT NULL DEFAULT '{}',
    to_offsets   bigint[] NOT NULL DEFAULT '{}',
    void         boolean NOT NULL DEFAULT false
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'batch', 'uuid7', 30);

CREATE TABLE {{schema}}.consumer_offset (
    group_name   text NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    epoch        bigint NOT NULL CHECK (epoch > 0),
    owner        uuid NOT NULL,
    next_offset  bigint NOT NULL CHECK (next_offset >= 0),
    digest       bytea,                       -- of the message at next_offset - 1; NULL when none was consumed yet
    stalls       integer NOT NULL DEFAULT 0,  -- takeovers in a row that found the offset where the one before left it
    stall_offset bigint,
    starts       integer NOT NULL DEFAULT 0,  -- attempts at the message at next_offset that no process has survived yet
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (group_name, topic, partition)
) WITH (fillfactor = 50);

-- One row per message key: the lock of all that concerns it, and how far each topic has come for it. Outlives the ticket.
CREATE TABLE {{schema}}.key_state (
    key     text PRIMARY KEY,
    inputs  bigint[] NOT NULL,
    outputs bigint[] NOT NULL,
    parked  integer NOT NULL DEFAULT 0 CHECK (parked >= 0)
) WITH (fillfactor = 70);

-- Which position of key_state.inputs and .outputs means which topic.
CREATE TABLE {{schema}}.topic_slot (
    direction text NOT NULL CHECK (direction IN ('input', 'output')),
    slot      integer NOT NULL CHECK (slot > 0),
    topic     text NOT NULL,
    PRIMARY KEY (direction, slot),
    UNIQUE (direction, topic)
);

-- Messages that came before their predecessor.
CREATE TABLE {{schema}}.parked (
    topic      text NOT NULL,     -- without the realm
    key        text NOT NULL,
    sequence   bigint NOT NULL,
    log_topic  text NOT NULL,
    partition  integer NOT NULL,
    log_offset bigint NOT NULL,
    sent_at    timestamptz NOT NULL,
    headers    bytea NOT NULL,
    value      bytea,
    starts     integer NOT NULL DEFAULT 0,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, key, sequence)
);

CREATE TABLE {{schema}}.dead_letter (
    group_name text NOT NULL,
    topic      text NOT NULL,
    partition  integer NOT NULL,
    log_offset bigint NOT NULL,
    key        bytea,
    headers    bytea NOT NULL,
    value      bytea,
    sent_at    timestamptz NOT NULL,
    reason     text NOT NULL,
    detail     text NOT NULL,
    outbox_id  uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (group_name, topic, partition, log_offset)
);
CREATE INDEX dead_letter_created ON {{schema}}.dead_letter (created_at);

-- Messages owed to the log. Columns named as Debezium's event router expects; the raw ones carry a dead letter byte for byte.
CREATE TABLE {{schema}}.outbox (
    id            uuid PRIMARY KEY,
    incarnation   uuid NOT NULL,
    aggregatetype text NOT NULL,   -- topic
    aggregateid   text NOT NULL,   -- key
    type          text NOT NULL,
    sequence      bigint NOT NULL,
    payload       bytea,
    headers       jsonb NOT NULL DEFAULT '{}',
    raw_key       bytea,
    raw_headers   bytea,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX outbox_incarnation ON {{schema}}.outbox (incarnation, created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.incarnation, {{schema}}.consumer_offset, {{schema}}.key_state, {{schema}}.parked,
    {{schema}}.dead_letter, {{schema}}.outbox TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.batch TO {{role}};
GRANT SELECT ON {{schema}}.topic_slot TO {{role}};

-- The outbox service publishes what any service's dead process left behind, and may do nothing else here.
GRANT USAGE ON SCHEMA {{schema}} TO {{relay_role}};
GRANT SELECT, DELETE ON {{schema}}.outbox TO {{relay_role}};
GRANT SELECT ON {{schema}}.incarnation, {{schema}}.topic_slot TO {{relay_role}};
