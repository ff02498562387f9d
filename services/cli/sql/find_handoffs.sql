SELECT json_build_object(
         'id', handoff_id, 'tenant', tenant_id, 'ticket', tenant_id || '/' || ticket_id, 'run', run, 'state', state, 'reason', reason, 'codes', codes,
         'priority', priority, 'summary', summary, 'effects', effects,
         'opened_at', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text
FROM approval.handoff
WHERE ($1::text = '' OR tenant_id = $1::text) AND ($2::boolean OR state IN ('open', 'claimed'))
ORDER BY array_position(ARRAY['urgent', 'high', 'normal', 'low'], priority), opened_at, handoff_id
LIMIT $3::bigint
