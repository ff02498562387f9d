-- What happened to one ticket in one batch is one row, with its transitions in order: a ticket that is worked off in four batches has four
-- rows and not eleven. `history` keeps what was written before, until its partitions are dropped; `transition` shows both.

CREATE TABLE {{schema}}.change (
    id         uuid NOT NULL PRIMARY KEY,
    batch_id   uuid NOT NULL,
    tenant_id  text NOT NULL,
    ticket_id  text NOT NULL,
    runs       integer[] NOT NULL,  -- NULL: of the ticket
    steps      integer[] NOT NULL,  -- NULL: of the run or the ticket
    whats      text[] NOT NULL CHECK (whats <@ ARRAY['ticket', 'run', 'step', 'effect', 'approval']),
    old_states text[] NOT NULL,     -- NULL: it began
    new_states text[] NOT NULL,
    codes      text[] NOT NULL,     -- those of a transition with spaces between
    outbox_ids uuid[] NOT NULL,     -- the message that the transition owed, if it owed one
    CHECK (cardinality(whats) > 0 AND cardinality(runs) = cardinality(whats) AND cardinality(steps) = cardinality(whats)
           AND cardinality(old_states) = cardinality(whats) AND cardinality(new_states) = cardinality(whats)
           AND cardinality(codes) = cardinality(whats) AND cardinality(outbox_ids) = cardinality(whats))
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'change', 'uuid7', 400);
CREATE INDEX change_ticket ON {{schema}}.change (tenant_id, ticket_id);

CREATE VIEW {{schema}}.transition AS
SELECT id, 1 AS nth, batch_id, tenant_id, ticket_id, run, step, what, old_state, new_state, codes, outbox_id
FROM {{schema}}.history
UNION ALL
SELECT c.id, m.nth::integer, c.batch_id, c.tenant_id, c.ticket_id, m.run, m.step, m.what, m.old_state, m.new_state,
       string_to_array(m.codes, ' '), m.outbox_id
FROM {{schema}}.change c,
     unnest(c.runs, c.steps, c.whats, c.old_states, c.new_states, c.codes, c.outbox_ids) WITH ORDINALITY
     AS m (run, step, what, old_state, new_state, codes, outbox_id, nth);

GRANT SELECT, INSERT ON {{schema}}.change TO {{role}};
GRANT SELECT ON {{schema}}.transition TO {{role}};

-- Documents that no statement searches are kept as the text they came as: nothing is parsed into a tree and printed again, and ANALYZE does
-- not sort them.
ALTER TABLE {{schema}}.ticket ALTER COLUMN requester TYPE json USING requester::json, ALTER COLUMN fields DROP DEFAULT,
    ALTER COLUMN fields TYPE json USING fields::json, ALTER COLUMN held_plan TYPE json USING held_plan::json,
    ALTER COLUMN actor TYPE json USING actor::json;
ALTER TABLE {{schema}}.ticket ALTER COLUMN fields SET DEFAULT '{}', ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN instruction SET STATISTICS 0;
ALTER TABLE {{schema}}.ticket_event ALTER COLUMN digest SET STATISTICS 0;
ALTER TABLE {{schema}}.ticket_message ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE {{schema}}.run ALTER COLUMN close TYPE json USING close::json, ALTER COLUMN resolution TYPE json USING resolution::json;
ALTER TABLE {{schema}}.step ALTER COLUMN proposed TYPE json USING proposed::json, ALTER COLUMN arguments TYPE json USING arguments::json,
    ALTER COLUMN origins TYPE json USING origins::json, ALTER COLUMN decision TYPE json USING decision::json;
ALTER TABLE {{schema}}.evidence ALTER COLUMN arguments TYPE json USING arguments::json, ALTER COLUMN result TYPE json USING result::json,
    ALTER COLUMN digest SET STATISTICS 0;
ALTER TABLE {{schema}}.effect ALTER COLUMN arguments TYPE json USING arguments::json, ALTER COLUMN receipt TYPE json USING receipt::json;
ALTER TABLE {{schema}}.approval ALTER COLUMN action SET STATISTICS 0, ALTER COLUMN requirement SET STATISTICS 0,
    ALTER COLUMN shown SET STATISTICS 0;
