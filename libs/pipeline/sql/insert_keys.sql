INSERT INTO key_state (key, inputs, outputs, parked)
SELECT u.key, u.inputs::bigint[], u.outputs::bigint[], u.parked
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS u (key, inputs, outputs, parked)
ORDER BY u.key COLLATE "C"
