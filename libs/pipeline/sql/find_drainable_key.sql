-- Of any partition: a key whose parked successor is due, because its gap was closed alone, by an operator, or by a process that died.
SELECT p.key, p.sequence FROM parked p JOIN key_state s ON s.key = p.key
WHERE p.topic = $1::text AND p.sequence <= s.inputs[$2::integer] + 1
ORDER BY p.key, p.sequence LIMIT 1
