SELECT next_offset FROM consumer_offset WHERE group_name = $1::text AND topic = $2::text AND partition = $3::integer FOR UPDATE
