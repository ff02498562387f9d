SELECT DISTINCT m.tenant_id, m.ticket_id, m.author_id
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
JOIN ticket_message m USING (tenant_id, ticket_id)
WHERE m.author_id IS NOT NULL
