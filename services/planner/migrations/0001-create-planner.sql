-- What the planner keeps: its own view of tickets, and where each conversation with the executor stands. Nobody believes any of it.

CREATE TABLE {{schema}}.conversation (
    tenant_id     text NOT NULL,
    ticket_id     text NOT NULL,
    version       bigint NOT NULL CHECK (version > 0),
    status        text NOT NULL CHECK (status IN ('unopened', 'open', 'closed')),
    realm         text NOT NULL,
    requester     jsonb,
    subject       text,
    body          text,
    fields        jsonb NOT NULL DEFAULT '{}',
    ended_version bigint NOT NULL DEFAULT 0,       -- version whose run has ended, as far as we heard
    run           bigint NOT NULL DEFAULT 0,       -- the last step that we heard of
    step          bigint NOT NULL DEFAULT 0,
    plan          jsonb,                           -- what we want done now; sent again, as it is, until it is answered
    done          integer NOT NULL DEFAULT 0,      -- how many of its steps have succeeded
    proposed_version bigint NOT NULL DEFAULT 0,    -- of the last message on `plans`
    proposed_after   bigint NOT NULL DEFAULT 0,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, ticket_id)
) WITH (fillfactor = 70);

-- Every event of a ticket by its source's id; one that precedes `opened` keeps its body and waits.
CREATE TABLE {{schema}}.ticket_event (
    tenant_id text NOT NULL,
    ticket_id text NOT NULL,
    source    text NOT NULL,
    event_id  text NOT NULL,
    digest    bytea NOT NULL,
    version   bigint NOT NULL,
    type      text NOT NULL,
    waiting   jsonb,
    PRIMARY KEY (tenant_id, source, event_id)
);
CREATE INDEX ticket_event_waiting ON {{schema}}.ticket_event (tenant_id, ticket_id, version) WHERE waiting IS NOT NULL;

CREATE TABLE {{schema}}.interaction (
    id         uuid NOT NULL PRIMARY KEY,
    batch_id   uuid NOT NULL,
    tenant_id  text NOT NULL,
    ticket_id  text NOT NULL,
    version    bigint NOT NULL,
    event      text NOT NULL,       -- what was heard or proposed
    detail     jsonb NOT NULL,
    outbox_id  uuid
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'interaction', 'uuid7', 90);
CREATE INDEX interaction_ticket ON {{schema}}.interaction (tenant_id, ticket_id);

GRANT SELECT, INSERT, UPDATE ON {{schema}}.conversation, {{schema}}.ticket_event TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.interaction TO {{role}};

INSERT INTO {{schema}}.topic_slot (direction, slot, topic) VALUES
    ('input', 1, 'tickets'), ('input', 2, 'steps'), ('output', 1, 'plans');
