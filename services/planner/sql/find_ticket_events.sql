SELECT e.tenant_id, e.source, e.event_id, e.ticket_id, e.digest
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(tenant_id, source, event_id)
JOIN ticket_event e ON e.tenant_id = wanted.tenant_id AND e.source = wanted.source AND e.event_id = wanted.event_id
