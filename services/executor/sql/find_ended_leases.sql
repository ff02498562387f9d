SELECT tenant_id, ticket_id, run, step, token, tool
FROM step
WHERE state = 'claimed' AND lease_until <= now()
ORDER BY lease_until
LIMIT $1::bigint
