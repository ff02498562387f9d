SELECT e.tenant_id, e.ticket_id, e.type, e.waiting::text
FROM unnest($1::text[], $2::text[]) AS wanted(tenant_id, ticket_id)
JOIN ticket_event e ON e.tenant_id = wanted.tenant_id AND e.ticket_id = wanted.ticket_id AND e.waiting IS NOT NULL
ORDER BY e.tenant_id, e.ticket_id, e.version
