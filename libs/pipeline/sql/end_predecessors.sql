UPDATE incarnation SET lease_until = clock_timestamp()
WHERE instance = $1::text AND id <> $2::uuid AND lease_until > clock_timestamp()
