UPDATE incarnation SET lease_until = clock_timestamp() + $2::interval WHERE id = $1::uuid AND lease_until > clock_timestamp() RETURNING id
