-- Rows that may not be published come last, so that no number of them keeps the others waiting.
SELECT o.id, o.aggregatetype, o.aggregateid, o.type, o.sequence, o.payload,
       ARRAY(SELECT h.key FROM jsonb_each_text(o.headers) AS h ORDER BY h.key), ARRAY(SELECT h.value FROM jsonb_each_text(o.headers) AS h ORDER BY h.key),
       o.raw_key, o.raw_headers
FROM outbox o LEFT JOIN incarnation i ON i.id = o.incarnation
WHERE coalesce(i.lease_until, '-infinity') < clock_timestamp()
ORDER BY CASE WHEN o.raw_headers IS NULL THEN split_part(o.aggregatetype, '.', 1) = ANY ($1::text[])
              ELSE o.aggregatetype = 'dead-letters' END DESC,
         o.created_at, o.id
LIMIT $2::bigint
