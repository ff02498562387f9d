-- What the executor knows for itself. State columns spell the machines of libs/domain; a test compares them.

CREATE TABLE {{schema}}.ticket (
    tenant_id     text NOT NULL,
    ticket_id     text NOT NULL,
    version       bigint NOT NULL CHECK (version >= 0),  -- 0: only a plan came so far, and waits
    status        text NOT NULL CHECK (status IN ('unopened', 'open', 'closed')),
    realm         text NOT NULL,
    requester     jsonb,
    authenticated boolean NOT NULL DEFAULT false,  -- the realm's word for the requester
    subject       text,
    body          text,
    fields        jsonb NOT NULL DEFAULT '{}',
    runs_opened   integer NOT NULL DEFAULT 0,
    ended_version bigint NOT NULL DEFAULT 0,       -- version of the last run that ended for good
    held_plan     jsonb,                           -- made for a version not seen yet
    held_version  bigint,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, ticket_id)
) WITH (fillfactor = 80);

-- Every event of the ticket by its source's id, for as long as the ticket; an event that precedes `opened` keeps its body and waits.
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

CREATE TABLE {{schema}}.ticket_message (
    tenant_id  text NOT NULL,
    ticket_id  text NOT NULL,
    version    bigint NOT NULL,
    author     text NOT NULL CHECK (author IN ('requester', 'agent', 'system')),
    author_id  text,
    body       text NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, version)
);

CREATE TABLE {{schema}}.run (
    tenant_id    text NOT NULL,
    ticket_id    text NOT NULL,
    run          integer NOT NULL CHECK (run > 0),
    version      bigint NOT NULL,
    state        text NOT NULL CHECK (state IN ('awaiting_plan', 'running', 'stopping', 'stopped')),
    stop_reason  text CHECK (stop_reason IN ('resolved', 'draft_ready', 'denied', 'escalated', 'failed', 'cancelled', 'superseded')),
    codes        text[] NOT NULL DEFAULT '{}',
    turns        integer NOT NULL DEFAULT 0,
    plans        integer NOT NULL DEFAULT 0,
    agent        text,
    playbook     text,
    close        jsonb,                  -- what the accepted plan asks for when all its steps succeeded
    resolution   jsonb,
    waiting_since timestamptz NOT NULL,  -- since when nothing is pending but a plan
    opened_at    timestamptz NOT NULL,
    stopped_at   timestamptz,
    PRIMARY KEY (tenant_id, ticket_id, run),
    CHECK ((state IN ('stopping', 'stopped')) = (stop_reason IS NOT NULL)),
    CHECK ((state = 'stopped') = (stopped_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX run_live ON {{schema}}.run (tenant_id, ticket_id) WHERE state <> 'stopped';
CREATE INDEX run_waiting ON {{schema}}.run (waiting_since) WHERE state = 'awaiting_plan';

CREATE TABLE {{schema}}.step (
    tenant_id    text NOT NULL,
    ticket_id    text NOT NULL,
    run          integer NOT NULL,
    step         integer NOT NULL CHECK (step > 0),
    plan         integer NOT NULL,
    name         text NOT NULL,
    tool         text NOT NULL,
    tool_version bigint,                  -- the manifest it was claimed under
    risk         text NOT NULL CHECK (risk IN ('read', 'draft', 'reversible', 'outbound', 'money', 'irreversible')),
    state        text NOT NULL CHECK (state IN ('ready', 'waiting_approval', 'claimed', 'succeeded', 'failed', 'unknown', 'denied', 'expired',
                                                'withdrawn', 'dropped')),
    turn         boolean NOT NULL DEFAULT false,  -- it is this step's turn: the ones before it in the plan have succeeded
    proposed     jsonb NOT NULL,          -- arguments as the plan names them
    arguments    jsonb,                   -- as the executor resolved them
    origins      jsonb,
    decision     jsonb,                   -- what policy said, with rules and versions
    codes        text[] NOT NULL DEFAULT '{}',
    sent         integer NOT NULL DEFAULT 0,
    unsent       integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL,
    token        uuid,                    -- of the claim; a result under another is late
    lease_until  timestamptz,
    claimed_by   uuid,                    -- the incarnation whose lane made the claim
    ended_at     timestamptz,
    PRIMARY KEY (tenant_id, ticket_id, run, step),
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL))
) WITH (fillfactor = 60);
CREATE INDEX step_ready ON {{schema}}.step (due_at) WHERE state = 'ready' AND turn;
CREATE INDEX step_leased ON {{schema}}.step (lease_until) WHERE state = 'claimed';

CREATE TABLE {{schema}}.evidence (
    tenant_id text NOT NULL,
    ticket_id text NOT NULL,
    run       integer NOT NULL,
    step      integer NOT NULL,
    name      text NOT NULL,
    tool      text NOT NULL,
    tool_version bigint NOT NULL,
    arguments jsonb NOT NULL,
    result    jsonb NOT NULL,             -- redacted, capped
    origin    text NOT NULL,              -- the worst of the arguments of the read
    digest    bytea NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, run, step)
);

CREATE TABLE {{schema}}.effect (
    tenant_id       text NOT NULL,
    ticket_id       text NOT NULL,
    run             integer NOT NULL,
    step            integer NOT NULL,
    tool            text NOT NULL,
    tool_version    bigint NOT NULL,
    state           text NOT NULL CHECK (state IN ('ready', 'claimed', 'succeeded', 'failed', 'unknown', 'compensated')),
    idempotency_key text NOT NULL,
    arguments       jsonb NOT NULL,
    operation       text,
    operation_key   text,
    key_held        boolean NOT NULL DEFAULT false,
    held_until      timestamptz,          -- a succeeded effect lets go of its operation key then
    target          text,
    amount_minor    bigint,
    currency        text,
    receipt         jsonb,                -- the tool's answer, redacted
    unknown_since   timestamptz,
    look_at         timestamptz,          -- when to look next whether it happened
    overdue         boolean NOT NULL DEFAULT false,  -- unknown past its limit, and handed off
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, ticket_id, run, step),
    UNIQUE (idempotency_key),
    CHECK (operation_key IS NULL OR key_held OR state NOT IN ('claimed', 'unknown')),
    CHECK ((state = 'unknown') = (unknown_since IS NOT NULL))
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX effect_operation ON {{schema}}.effect (tenant_id, operation_key) WHERE key_held;
CREATE INDEX effect_unresolved ON {{schema}}.effect (tenant_id, ticket_id) WHERE state IN ('claimed', 'unknown');
CREATE INDEX effect_look ON {{schema}}.effect (look_at) WHERE state = 'unknown';

-- One row per transition of a run, step or effect; outbox_id is the message the change owed, if it owed one.
CREATE TABLE {{schema}}.history (
    id        uuid NOT NULL PRIMARY KEY,
    batch_id  uuid NOT NULL,
    tenant_id text NOT NULL,
    ticket_id text NOT NULL,
    run       integer,
    step      integer,
    what      text NOT NULL CHECK (what IN ('ticket', 'run', 'step', 'effect')),
    old_state text,
    new_state text NOT NULL,
    codes     text[] NOT NULL DEFAULT '{}',
    outbox_id uuid
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'history', 'uuid7', 400);
CREATE INDEX history_ticket ON {{schema}}.history (tenant_id, ticket_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.ticket, {{schema}}.ticket_event, {{schema}}.ticket_message, {{schema}}.run, {{schema}}.step,
    {{schema}}.evidence, {{schema}}.effect TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.history TO {{role}};

INSERT INTO {{schema}}.topic_slot (direction, slot, topic) VALUES
    ('input', 1, 'tickets'), ('input', 2, 'plans'), ('input', 3, 'verdicts'), ('input', 4, 'delivery-results'),
    ('output', 1, 'steps'), ('output', 2, 'referrals'), ('output', 3, 'outcomes'), ('output', 4, 'messages');
