SELECT s.tenant_id, s.endpoint, s.version, s.state, s.failures, s.not_before, s.reason, s.fruitless, s.failing_since
FROM endpoint_state s
JOIN unnest($1::text[], $2::text[]) AS w (tenant_id, endpoint) ON w.tenant_id = s.tenant_id AND w.endpoint = s.endpoint
ORDER BY s.tenant_id, s.endpoint
FOR UPDATE OF s
