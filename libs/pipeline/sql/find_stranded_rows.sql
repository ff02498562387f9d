-- Rows that may not be published come last, so that no number of them keeps the others waiting. They are another service's, so nothing is
-- taken for granted: headers may be no object, a value null, and what no topic would take is not even loaded.
SELECT o.id, o.aggregatetype, o.aggregateid, o.type, o.sequence, o.payload,
       ARRAY(SELECT h.key FROM jsonb_each_text(said.headers) AS h ORDER BY h.key),
       ARRAY(SELECT coalesce(h.value, '') FROM jsonb_each_text(said.headers) AS h ORDER BY h.key),
       o.raw_key, o.raw_headers
FROM outbox o LEFT JOIN incarnation i ON i.id = o.incarnation
CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof(o.headers) = 'object' THEN o.headers ELSE '{}' END AS headers) said
WHERE coalesce(i.lease_until, '-infinity') < clock_timestamp()
  AND coalesce(octet_length(o.payload), 0) + coalesce(octet_length(o.raw_headers), 0) <= 2097152
ORDER BY CASE WHEN o.raw_headers IS NULL THEN split_part(o.aggregatetype, '.', 1) = ANY ($1::text[])
              ELSE o.aggregatetype = 'dead-letters' END DESC,
         o.created_at, o.id
LIMIT $2::bigint
