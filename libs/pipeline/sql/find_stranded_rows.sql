SELECT o.id, o.aggregatetype, o.aggregateid, o.type, o.sequence, o.payload,
       ARRAY(SELECT h.key FROM jsonb_each_text(o.headers) AS h ORDER BY h.key), ARRAY(SELECT h.value FROM jsonb_each_text(o.headers) AS h ORDER BY h.key),
       o.raw_key, o.raw_headers
FROM outbox o LEFT JOIN incarnation i ON i.id = o.incarnation
WHERE coalesce(i.lease_until, '-infinity') < clock_timestamp()
ORDER BY o.created_at, o.id LIMIT $1::bigint
