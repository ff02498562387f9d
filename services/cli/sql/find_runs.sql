SELECT json_build_object(
         'id', r.tenant_id || '/' || r.ticket_id || '/' || r.run, 'tenant', r.tenant_id, 'ticket', r.ticket_id, 'run', r.run, 'version', r.version,
         'state', r.state, 'stop_reason', r.stop_reason, 'codes', r.codes, 'turns', r.turns, 'agent', r.agent, 'playbook', r.playbook,
         'opened_at', to_char(r.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'stopped_at', to_char(r.stopped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text
FROM executor.run r
WHERE ($1::text = '' OR r.tenant_id = $1::text) AND ($2::text = '' OR r.stop_reason = $2::text)
ORDER BY r.opened_at DESC, r.tenant_id, r.ticket_id, r.run DESC
LIMIT $3::bigint
