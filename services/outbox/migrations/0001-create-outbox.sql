-- What the outbox service keeps: messages owed to endpoints, and every attempt to deliver them.

--     ready ──claimed by a lane──▶ leased ──2xx──▶ delivered
--       ▲                            │ any other end: again at due_at, under the same id
--       └────────────────────────────┴──────── the schedule is used up ──▶ dead
CREATE TABLE {{schema}}.delivery (
    id            uuid PRIMARY KEY,       -- webhook-id is made of it
    place         bigint GENERATED ALWAYS AS IDENTITY,  -- given under the key's lock: per ticket, the order of the messages
    tenant_id     text NOT NULL,
    ticket_id     text NOT NULL,
    endpoint      text NOT NULL,
    message_id    text NOT NULL,          -- ce_id of what is delivered
    type          text NOT NULL,
    sequence      bigint NOT NULL,        -- ce_sequence of what is delivered
    payload       bytea NOT NULL,         -- the body, byte for byte, of every attempt
    state         text NOT NULL CHECK (state IN ('ready', 'leased', 'delivered', 'dead')),
    attempts      integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),  -- that count against the schedule
    lapses        integer NOT NULL DEFAULT 0 CHECK (lapses >= 0),    -- leases that ended without a word from the lane
    due_at        timestamptz NOT NULL,
    token         uuid,                   -- of the claim
    lease_until   timestamptz,
    claimed_by    uuid,                   -- incarnation
    last_status   integer,
    last_error    text,
    created_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    UNIQUE (tenant_id, endpoint, message_id),
    CHECK ((state = 'leased') = (lease_until IS NOT NULL) AND (state = 'leased') = (token IS NOT NULL)),
    CHECK ((state IN ('delivered', 'dead')) = (ended_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX delivery_ready ON {{schema}}.delivery (tenant_id, endpoint, due_at, place) WHERE state = 'ready';
CREATE INDEX delivery_leased ON {{schema}}.delivery (lease_until) WHERE state = 'leased';
CREATE INDEX delivery_unfinished ON {{schema}}.delivery (tenant_id, endpoint, ticket_id, place) WHERE state IN ('ready', 'leased');
CREATE INDEX delivery_dead ON {{schema}}.delivery (tenant_id, endpoint, ended_at) WHERE state = 'dead';
CREATE INDEX delivery_delivered ON {{schema}}.delivery (ended_at) WHERE state = 'delivered';

CREATE TABLE {{schema}}.attempt (
    id          uuid NOT NULL PRIMARY KEY,
    batch_id    uuid NOT NULL,
    delivery_id uuid NOT NULL,
    tenant_id   text NOT NULL,
    number      integer NOT NULL,         -- from 1, lapses included
    outcome     text NOT NULL CHECK (outcome IN ('delivered', 'refused', 'not_sent', 'unknown', 'lease_ended')),
    status      integer,
    error       text,
    millis      integer NOT NULL
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'attempt', 'uuid7', 30);

-- What has been found out about an endpoint; its configuration is in core.document. It holds for that version of the document: a new
-- version starts with a clean sheet.
--   throttled  it asked to be left alone until not_before      broken    many failures in a row: one probe after not_before
--   disabled   it said 410 Gone: nothing is sent, all is kept
CREATE TABLE {{schema}}.endpoint_state (
    tenant_id     text NOT NULL,
    endpoint      text NOT NULL,
    version       bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'throttled', 'broken', 'disabled')),
    failures      integer NOT NULL DEFAULT 0,      -- in a row
    not_before    timestamptz,
    reason        text,
    changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, endpoint),
    CHECK ((state IN ('throttled', 'broken')) = (not_before IS NOT NULL))
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.delivery, {{schema}}.endpoint_state TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.attempt TO {{role}};

INSERT INTO {{schema}}.topic_slot (direction, slot, topic) VALUES
    ('input', 1, 'outcomes'), ('input', 2, 'messages'), ('input', 3, 'notices'), ('input', 4, 'approvals'), ('input', 5, 'handoffs'),
    ('output', 1, 'delivery-results');
