UPDATE delivery d
SET state = 'dead', end_code = $3::text, result_id = r.result_id, ended_at = now()
FROM unnest($1::uuid[], $2::uuid[]) AS r (id, result_id)
WHERE d.id = r.id
