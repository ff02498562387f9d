SELECT c.tenant_id, c.jti, c.approval_id
FROM unnest($1::text[], $2::uuid[]) AS wanted(tenant_id, jti)
JOIN countersignature c ON c.tenant_id = wanted.tenant_id AND c.jti = wanted.jti
