UPDATE countersignature c
SET consumed_at = $3::timestamptz
FROM unnest($1::text[], $2::uuid[]) AS used(tenant_id, jti)
WHERE c.tenant_id = used.tenant_id AND c.jti = used.jti AND c.consumed_at IS NULL
