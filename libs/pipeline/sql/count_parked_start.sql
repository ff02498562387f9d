UPDATE parked SET starts = starts + 1 WHERE topic = $1::text AND key = $2::text AND sequence = $3::bigint RETURNING starts
