SELECT d.tenant_id, d.approval_id, d.decision_id, d.digest, d.jws, d.person, d.issuer, d.kid, d.received_at
FROM unnest($1::text[], $2::uuid[]) AS wanted(tenant_id, approval_id)
JOIN decision d ON d.tenant_id = wanted.tenant_id AND d.approval_id = wanted.approval_id
WHERE d.counted AND d.verb = 'approve'
ORDER BY d.received_at, d.decision_id
