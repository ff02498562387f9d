SELECT id FROM incarnation WHERE instance = $1::text AND id <> $2::uuid AND lease_until > clock_timestamp() LIMIT 1
