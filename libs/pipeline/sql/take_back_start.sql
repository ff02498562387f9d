UPDATE consumer_offset SET starts = greatest(starts - 1, 0)
WHERE group_name = $1::text AND topic = $2::text AND partition = $3::integer AND epoch = $4::bigint AND next_offset = $5::bigint
