INSERT INTO consumer_offset AS o (group_name, topic, partition, epoch, owner, next_offset)
VALUES ($1::text, $2::text, $3::integer, 1, $4::uuid, $5::bigint)
ON CONFLICT (group_name, topic, partition) DO UPDATE
SET epoch = o.epoch + 1,
    owner = EXCLUDED.owner,
    stalls = CASE WHEN o.stall_offset = o.next_offset AND o.next_offset < $6::bigint THEN o.stalls + 1 ELSE 0 END,
    stall_offset = o.next_offset,
    updated_at = clock_timestamp()
RETURNING epoch, next_offset, digest, stalls
