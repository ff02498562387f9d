SELECT e.tenant_id, e.ticket_id, e.version, e.waiting::text
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM ticket_event w
                    WHERE w.tenant_id = k.tenant_id AND w.ticket_id = k.ticket_id AND w.waiting IS NOT NULL
                    OFFSET 0) AS e  -- 0017: found by its key
ORDER BY e.tenant_id, e.ticket_id, e.version
