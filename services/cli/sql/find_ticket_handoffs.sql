SELECT json_build_object('id', handoff_id, 'run', run, 'state', state, 'reason', reason, 'codes', codes, 'priority', priority, 'summary', summary,
                         'opened_at', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text
FROM approval.handoff WHERE tenant_id = $1::text AND ticket_id = $2::text
ORDER BY opened_at, handoff_id
