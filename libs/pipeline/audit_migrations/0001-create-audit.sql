-- The record of who did what. Rows are only ever added, and the actor is always the role of the session: services are granted every column
-- but `actor` and `recorded_at`, so that neither can be claimed.

CREATE SCHEMA audit;

CREATE TABLE audit.entry (
    id          uuid NOT NULL PRIMARY KEY,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL DEFAULT session_user,
    batch_id    uuid NOT NULL,
    tenant_id   text NOT NULL,
    ticket_id   text,
    run         integer,
    step        integer,
    event       text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('audit', 'entry', 'uuid7', 3650);
CREATE INDEX entry_ticket ON audit.entry (tenant_id, ticket_id);

GRANT USAGE ON SCHEMA audit TO countersign_service;
GRANT INSERT (id, batch_id, tenant_id, ticket_id, run, step, event, detail) ON audit.entry TO countersign_service;
