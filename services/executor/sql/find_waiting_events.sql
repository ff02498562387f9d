SELECT e.tenant_id, e.ticket_id, e.version, e.waiting::text
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
JOIN ticket_event e USING (tenant_id, ticket_id)
WHERE e.waiting IS NOT NULL
ORDER BY e.tenant_id, e.ticket_id, e.version
