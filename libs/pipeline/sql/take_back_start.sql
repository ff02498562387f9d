-- Whoever owns the partition by now: the start was ours, and we live.
UPDATE consumer_offset SET starts = greatest(starts - 1, 0)
WHERE group_name = $1::text AND topic = $2::text AND partition = $3::integer AND next_offset = $4::bigint
