-- Rows made before the service had this input are shorter; they are filled up with zeros. A counter that has moved stays.
INSERT INTO key_state AS s (key, inputs, outputs)
SELECT k.key, array_fill(0::bigint, ARRAY[$3::integer - 1]) || k.last || array_fill(0::bigint, ARRAY[$4::integer - $3::integer]),
       array_fill(0::bigint, ARRAY[$5::integer])
FROM unnest($1::text[], $2::bigint[]) AS k (key, last)
ORDER BY k.key COLLATE "C"
ON CONFLICT (key) DO UPDATE
SET inputs = (s.inputs || array_fill(0::bigint, ARRAY[greatest(0, $4::integer - cardinality(s.inputs))]))[1:$3::integer - 1]
             || EXCLUDED.inputs[$3::integer]
             || (s.inputs || array_fill(0::bigint, ARRAY[greatest(0, $4::integer - cardinality(s.inputs))]))[$3::integer + 1:]
WHERE coalesce(s.inputs[$3::integer], 0) = 0
