-- An id carries the millisecond of the change in its first 48 bits.
SELECT json_build_object(
         'at', to_char(to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC', 'HH24:MI:SS.MS'),
         'what', what, 'step', step, 'old_state', old_state, 'new_state', new_state, 'codes', codes, 'outbox_id', outbox_id)::text
FROM executor.transition
WHERE tenant_id = $1::text AND ticket_id = $2::text AND (run = $3::integer OR run IS NULL)
ORDER BY id, nth
