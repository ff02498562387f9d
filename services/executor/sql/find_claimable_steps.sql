SELECT tenant_id, ticket_id, run, step, tool
FROM step
WHERE state = 'ready' AND turn AND due_at <= now() AND tenant_id || '/' || tool <> ALL ($2::text[])
ORDER BY due_at
LIMIT $1::bigint
