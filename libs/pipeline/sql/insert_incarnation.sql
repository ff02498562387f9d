-- The row is there already when the COMMIT that wrote it got no answer.
INSERT INTO incarnation (id, instance, lease_until) VALUES ($1::uuid, $2::text, clock_timestamp() + $3::interval)
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until
