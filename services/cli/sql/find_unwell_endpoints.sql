-- Of the active versions only: a new version of the document starts with a clean sheet. Disabled ones first.
SELECT s.tenant_id || '/' || s.endpoint, s.state, coalesce(s.reason, ''),
       coalesce(to_char(s.failing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
       (SELECT count(*) FROM outbox.delivery d WHERE d.tenant_id = s.tenant_id AND d.endpoint = s.endpoint AND d.state = 'ready')
FROM outbox.endpoint_state s
JOIN core.activation a ON a.tenant_id = s.tenant_id AND a.kind = 'endpoint' AND a.name = s.endpoint AND a.version = s.version
WHERE s.state IN ('disabled', 'broken')
ORDER BY s.state DESC, s.tenant_id, s.endpoint
LIMIT 20
