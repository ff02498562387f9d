-- Documents that no statement looks into are text to the database: `json`, which is neither taken apart nor put together again. What is heard
-- and proposed about one ticket in one batch is one row. Half of each page stays free, so that hearing how a run goes on writes the new
-- version of a row beside the old one and no entry in its index.

ALTER TABLE {{schema}}.conversation
    ALTER COLUMN fields DROP DEFAULT,
    ALTER COLUMN requester TYPE json USING requester::json,
    ALTER COLUMN actor TYPE json USING actor::json,
    ALTER COLUMN fields TYPE json USING fields::json,
    ALTER COLUMN plan TYPE json USING plan::json,
    ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN body SET STATISTICS 0,
    ALTER COLUMN instruction SET STATISTICS 0,
    SET (fillfactor = 50);

ALTER TABLE {{schema}}.ticket_event
    ALTER COLUMN digest SET STATISTICS 0;

CREATE TABLE {{schema}}.exchange (
    id         uuid NOT NULL PRIMARY KEY,
    batch_id   uuid NOT NULL,
    tenant_id  text NOT NULL,
    ticket_id  text NOT NULL,
    remarks    json NOT NULL        -- in order: [{"version", "event", "detail", "outbox_id"}, …]; the last only of what was proposed
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'exchange', 'uuid7', 90);
CREATE INDEX exchange_ticket ON {{schema}}.exchange (tenant_id, ticket_id);

-- One row for each thing heard or proposed; `interaction` keeps what was written before, until its partitions are dropped.
CREATE VIEW {{schema}}.remark AS
SELECT id, 1 AS nth, batch_id, tenant_id, ticket_id, version, event, detail::json AS detail, outbox_id
FROM {{schema}}.interaction
UNION ALL
SELECT e.id, said.nth::integer, e.batch_id, e.tenant_id, e.ticket_id, (said.one ->> 'version')::bigint, said.one ->> 'event',
       said.one -> 'detail', (said.one ->> 'outbox_id')::uuid
FROM {{schema}}.exchange e, json_array_elements(e.remarks) WITH ORDINALITY AS said (one, nth);

GRANT SELECT, INSERT ON {{schema}}.exchange TO {{role}};
GRANT SELECT ON {{schema}}.remark TO {{role}};
