-- A key of these partitions whose parked successor is already due: its gap was closed by a process that did not live to drain it.
SELECT p.key, p.sequence FROM parked p JOIN key_state s ON s.key = p.key
WHERE p.topic = $1::text AND p.sequence <= s.inputs[$2::integer] + 1
ORDER BY p.key, p.sequence LIMIT 1
