SELECT key, sequence, log_topic, partition, log_offset, sent_at, headers, value, starts
FROM parked WHERE topic = $1::text AND key = ANY ($2::text[])
ORDER BY key, sequence
