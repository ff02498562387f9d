SELECT s.tenant_id, s.nonce, s.digest
FROM unnest($1::text[], $2::text[]) AS wanted(tenant_id, nonce)
JOIN spent_nonce s ON s.tenant_id = wanted.tenant_id AND s.nonce = wanted.nonce
