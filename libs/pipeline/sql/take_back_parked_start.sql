UPDATE parked SET starts = greatest(starts - 1, 0) WHERE topic = $1::text AND key = $2::text AND sequence = $3::bigint
