INSERT INTO key_state (key, inputs, outputs)
SELECT k, array_fill(0::bigint, ARRAY[$2::integer]), array_fill(0::bigint, ARRAY[$3::integer])
FROM unnest($1::text[]) AS k
ORDER BY k COLLATE "C"
ON CONFLICT (key) DO NOTHING
RETURNING key
