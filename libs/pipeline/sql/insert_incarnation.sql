INSERT INTO incarnation (id, instance, lease_until) VALUES ($1::uuid, $2::text, clock_timestamp() + $3::interval)
