UPDATE ticket_event e
SET waiting = NULL
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
WHERE e.tenant_id = k.tenant_id AND e.ticket_id = k.ticket_id AND e.waiting IS NOT NULL
