UPDATE ticket_event e
SET waiting = NULL
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT w.source, w.event_id
                    FROM ticket_event w
                    WHERE w.tenant_id = k.tenant_id AND w.ticket_id = k.ticket_id AND w.waiting IS NOT NULL
                    OFFSET 0) AS waiting  -- 0017: found by its key
WHERE e.tenant_id = k.tenant_id AND e.source = waiting.source AND e.event_id = waiting.event_id
