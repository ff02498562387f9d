DELETE FROM parked p USING unnest($2::text[], $3::bigint[]) AS d (key, sequence)
WHERE p.topic = $1::text AND p.key = d.key AND p.sequence = d.sequence
