-- What the approval service keeps: tickets given to people.

CREATE TABLE {{schema}}.handoff (
    tenant_id  text NOT NULL,
    handoff_id uuid NOT NULL,
    ticket_id  text NOT NULL,
    run        bigint NOT NULL CHECK (run >= 0),  -- 0: the ticket ended without one
    state      text NOT NULL CHECK (state IN ('open', 'claimed', 'resolved', 'returned')),
    reason     text NOT NULL,
    codes      text[] NOT NULL,
    priority   text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    summary    text NOT NULL,
    effects    jsonb NOT NULL,
    referral_id uuid NOT NULL,            -- the message that opened it
    opened_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, handoff_id)
) WITH (fillfactor = 80);
-- At most one open handoff for a ticket; another referral adds to it.
CREATE UNIQUE INDEX handoff_open ON {{schema}}.handoff (tenant_id, ticket_id) WHERE state IN ('open', 'claimed');
CREATE INDEX handoff_ticket ON {{schema}}.handoff (tenant_id, ticket_id);

CREATE TABLE {{schema}}.handoff_history (
    id         uuid NOT NULL PRIMARY KEY,
    batch_id   uuid NOT NULL,
    tenant_id  text NOT NULL,
    handoff_id uuid NOT NULL,
    old_state  text,
    new_state  text NOT NULL,
    reason     text NOT NULL,
    outbox_id  uuid
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'handoff_history', 'uuid7', 400);

GRANT SELECT, INSERT, UPDATE ON {{schema}}.handoff TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.handoff_history TO {{role}};

INSERT INTO {{schema}}.topic_slot (direction, slot, topic) VALUES
    ('input', 1, 'referrals'), ('input', 2, 'decisions'),
    ('output', 1, 'approvals'), ('output', 2, 'handoffs'), ('output', 3, 'verdicts'), ('output', 4, 'notices');
