INSERT INTO spent_nonce (tenant_id, nonce, decision_id, digest)
SELECT tenant_id, nonce, decision_id, digest
FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) AS spent(tenant_id, nonce, decision_id, digest)
