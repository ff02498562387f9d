UPDATE incarnation SET lease_until = clock_timestamp() WHERE id = $1::uuid
