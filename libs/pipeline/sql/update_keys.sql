UPDATE key_state s
SET inputs = u.inputs::bigint[], outputs = u.outputs::bigint[], parked = u.parked
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS u (key, inputs, outputs, parked)
WHERE s.key = u.key
