INSERT INTO outbox (id, incarnation, aggregatetype, aggregateid, type, sequence, payload, headers, raw_key, raw_headers)
SELECT o.id, $1::uuid, o.topic, o.key, o.type, o.sequence, o.payload, o.headers::jsonb, o.raw_key, o.raw_headers
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::text[], $9::bytea[], $10::bytea[])
     AS o (id, topic, key, type, sequence, payload, headers, raw_key, raw_headers)
