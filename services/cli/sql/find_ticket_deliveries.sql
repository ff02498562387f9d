SELECT json_build_object('id', id, 'endpoint', endpoint, 'message_id', message_id, 'type', type, 'state', state, 'attempts', attempts,
                         'last_status', last_status, 'last_error', last_error)::text
FROM outbox.delivery WHERE tenant_id = $1::text AND ticket_id = $2::text
ORDER BY created_at, id
