SELECT id, aggregatetype, aggregateid, type, sequence, payload,
       ARRAY(SELECT h.key FROM jsonb_each_text(headers) AS h ORDER BY h.key), ARRAY(SELECT h.value FROM jsonb_each_text(headers) AS h ORDER BY h.key),
       raw_key, raw_headers
FROM outbox WHERE incarnation = $1::uuid AND created_at < clock_timestamp() - $2::interval
ORDER BY created_at, id LIMIT $3::bigint
