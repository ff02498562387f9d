-- Those that expire soonest first; those that wait for ever last.
SELECT json_build_object(
         'id', approval_id, 'tenant', tenant_id, 'ticket', tenant_id || '/' || ticket_id, 'run', run, 'step', step, 'state', state, 'tool', tool,
         'what', shown ->> 'sentence', 'amount', shown -> 'action' -> 'amount', 'requirement', shown -> 'requirement',
         'requested_at', to_char(requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'expires_at', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'expires_in_s', extract(epoch FROM expires_at - clock_timestamp())::bigint)::text
FROM approval.approval
WHERE ($1::text = '' OR tenant_id = $1::text) AND ($2::boolean OR state = 'requested')
ORDER BY state <> 'requested', expires_at NULLS LAST, requested_at, approval_id
LIMIT $3::bigint
