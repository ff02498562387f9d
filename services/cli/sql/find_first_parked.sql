SELECT min(sequence) FROM parked WHERE topic = $1::text AND key = $2::text
