-- The epoch moves so that the present owner cannot commit past the new place.
UPDATE consumer_offset
SET next_offset = $4::bigint, digest = $5::bytea, epoch = epoch + 1, stalls = 0, stall_offset = NULL, starts = 0, updated_at = clock_timestamp()
WHERE group_name = $1::text AND topic = $2::text AND partition = $3::integer
