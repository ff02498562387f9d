WITH mine AS (
    SELECT o.group_name, o.topic, o.partition, r.to_offset, r.digest
    FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
         AS r (topic, partition, epoch, from_offset, to_offset, digest)
    JOIN consumer_offset o ON o.group_name = $1::text AND o.topic = r.topic AND o.partition = r.partition
    WHERE o.epoch = r.epoch AND o.next_offset = r.from_offset
    ORDER BY o.topic, o.partition
    FOR UPDATE OF o
)
UPDATE consumer_offset o
SET next_offset = mine.to_offset, digest = mine.digest, stalls = 0, starts = 0, updated_at = clock_timestamp()
FROM mine
WHERE o.group_name = mine.group_name AND o.topic = mine.topic AND o.partition = mine.partition
RETURNING o.topic, o.partition
