SELECT json_build_object(
         'id', id, 'tenant', tenant_id, 'ticket', tenant_id || '/' || ticket_id, 'endpoint', endpoint, 'type', type, 'attempts', attempts,
         'last_status', last_status, 'last_error', last_error,
         'ended_at', to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text
FROM outbox.delivery
WHERE state = 'dead' AND ($1::text = '' OR tenant_id = $1::text)
ORDER BY ended_at DESC, id LIMIT $2::bigint
