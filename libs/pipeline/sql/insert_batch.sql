INSERT INTO batch (id, stage, incarnation, topics, partitions, epochs, from_offsets, to_offsets)
VALUES ($1::uuid, $2::text, $3::uuid, $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::bigint[])
RETURNING now()
