SELECT e.tenant_id, e.operation_key, e.ticket_id, e.run, e.step, e.tool, e.state, e.amount_minor, e.currency, e.created_at,
       e.idempotency_key
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, operation_key)
CROSS JOIN LATERAL (SELECT * FROM effect h
                    WHERE h.tenant_id = wanted.tenant_id AND h.operation_key = wanted.operation_key AND h.key_held
                    OFFSET 0) AS e  -- 0017: found by its key
