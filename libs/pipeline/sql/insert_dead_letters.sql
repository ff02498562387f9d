INSERT INTO dead_letter (group_name, topic, partition, log_offset, key, headers, value, sent_at, reason, detail, outbox_id)
SELECT $1::text, d.* FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::timestamptz[],
                                 $9::text[], $10::text[], $11::uuid[]) AS d
ON CONFLICT (group_name, topic, partition, log_offset) DO NOTHING
