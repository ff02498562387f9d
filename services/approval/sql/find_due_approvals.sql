SELECT tenant_id, ticket_id, approval_id
FROM approval
WHERE state = 'requested' AND expires_at <= clock_timestamp()
ORDER BY expires_at
LIMIT $1::bigint
