SELECT e.tenant_id, e.ticket_id, e.run, e.step, e.tool, e.tool_version, e.state, e.idempotency_key, e.arguments::text, e.operation,
       e.operation_key, e.key_held, e.held_until, e.target, e.amount_minor, e.currency, e.receipt::text, e.unknown_since, e.look_at,
       e.overdue, e.created_at, e.key_passed
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM effect WHERE effect.tenant_id = k.tenant_id AND effect.ticket_id = k.ticket_id
                    OFFSET 0) AS e  -- 0017: found by its key
WHERE e.state IN ('claimed', 'unknown')
   OR EXISTS (SELECT FROM run r
              WHERE r.tenant_id = e.tenant_id AND r.ticket_id = e.ticket_id AND r.run = e.run AND r.state <> 'stopped' OFFSET 0)
ORDER BY e.tenant_id, e.ticket_id, e.run, e.step
