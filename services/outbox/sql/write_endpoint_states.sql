INSERT INTO endpoint_state (tenant_id, endpoint, version, state, failures, not_before, reason, fruitless, failing_since)
SELECT r.tenant_id, r.endpoint, r.version, r.state, r.failures, r.not_before, r.reason, r.fruitless, r.failing_since
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::timestamptz[], $7::text[], $8::integer[], $9::timestamptz[])
     AS r (tenant_id, endpoint, version, state, failures, not_before, reason, fruitless, failing_since)
ORDER BY r.tenant_id, r.endpoint
ON CONFLICT (tenant_id, endpoint) DO UPDATE
SET version = excluded.version, state = excluded.state, failures = excluded.failures, not_before = excluded.not_before,
    reason = excluded.reason, fruitless = excluded.fruitless, failing_since = excluded.failing_since, changed_at = clock_timestamp()
