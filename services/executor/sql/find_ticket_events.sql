SELECT e.tenant_id, e.source, e.event_id, e.digest
FROM unnest($1::text[], $2::text[], $3::text[]) AS k (tenant_id, source, event_id)
JOIN ticket_event e USING (tenant_id, source, event_id)
