-- The ids from $1 to $2: one, or all that begin with what was typed.
SELECT json_build_object(
         'id', a.approval_id, 'tenant', a.tenant_id, 'ticket', a.tenant_id || '/' || a.ticket_id, 'ticket_id', a.ticket_id, 'run', a.run, 'step', a.step,
         'state', a.state, 'tool', a.tool, 'action_digest', a.action_digest, 'requirement_digest', a.requirement_digest,
         'shown_digest', a.shown_digest, 'shown', a.shown, 'request', a.request, 'people', a.people, 'reason', a.reason, 'codes', a.codes,
         'requested_at', to_char(a.requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'decided_at', to_char(a.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'expires_at', to_char(a.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'expires_in_s', extract(epoch FROM a.expires_at - clock_timestamp())::bigint,
         'decisions', (SELECT coalesce(json_agg(json_build_object(
                                         'person', d.person, 'verb', d.verb, 'reason', d.reason, 'counted', d.counted, 'code', d.code,
                                         'digest', d.digest, 'at', to_char(d.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                                         ORDER BY d.received_at, d.decision_id), '[]')
                       FROM approval.decision d WHERE d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id),
         'denied_before', (SELECT coalesce(json_agg(json_build_object(
                                             'approval_id', b.approval_id, 'people', b.people, 'reason', b.reason,
                                             'at', to_char(b.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                                             ORDER BY b.decided_at DESC, b.approval_id), '[]')
                           FROM approval.approval b
                           WHERE b.tenant_id = a.tenant_id AND b.operation_key = a.operation_key AND b.state = 'denied'
                             AND b.approval_id <> a.approval_id))::text
FROM approval.approval a
WHERE a.approval_id BETWEEN $1::uuid AND $2::uuid AND ($3::text = '' OR a.tenant_id = $3::text)
ORDER BY a.tenant_id, a.approval_id
LIMIT 10
