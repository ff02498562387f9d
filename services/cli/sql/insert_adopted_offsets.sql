INSERT INTO consumer_offset (group_name, topic, partition, epoch, owner, next_offset)
SELECT $1::text, a.topic, a.partition, 1, $2::uuid, a.next_offset
FROM unnest($3::text[], $4::integer[], $5::bigint[]) AS a (topic, partition, next_offset)
ORDER BY a.topic, a.partition
ON CONFLICT (group_name, topic, partition) DO NOTHING
