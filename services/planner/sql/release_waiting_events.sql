UPDATE ticket_event e SET waiting = NULL
FROM unnest($1::text[], $2::text[]) AS opened(tenant_id, ticket_id)
WHERE e.tenant_id = opened.tenant_id AND e.ticket_id = opened.ticket_id AND e.waiting IS NOT NULL
