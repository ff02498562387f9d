-- Most deliveries are claimed where they are taken in and end with their first attempt: a row is inserted as `leased` and updated once.

-- The id is made of tenant, endpoint and message_id, so it finds a repetition by itself. No update of a row stays on its page, because
-- every one moves it from one partial index to another: room kept for that is room lost. Plans do not follow statistics, and sorting long
-- texts for them costs more than all else that ANALYZE does.
ALTER TABLE {{schema}}.delivery
    DROP CONSTRAINT delivery_tenant_id_endpoint_message_id_key,
    ALTER COLUMN payload SET STATISTICS 0,
    ALTER COLUMN message_id SET STATISTICS 0,
    ALTER COLUMN ticket_id SET STATISTICS 0,
    ALTER COLUMN last_error SET STATISTICS 0,
    SET (fillfactor = 100, autovacuum_analyze_scale_factor = 1);

COMMENT ON TABLE {{schema}}.attempt IS 'Attempts that did not deliver. The one that did is told by its delivery and by the audit.';
