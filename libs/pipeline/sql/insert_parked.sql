INSERT INTO parked (topic, key, sequence, log_topic, partition, log_offset, sent_at, headers, value)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[], $7::timestamptz[], $8::bytea[], $9::bytea[])
ON CONFLICT (topic, key, sequence) DO NOTHING
