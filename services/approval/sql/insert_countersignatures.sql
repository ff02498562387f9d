INSERT INTO countersignature (tenant_id, jti, approval_id, kid, token, issued_at, expires_at, again)
SELECT tenant_id, jti, approval_id, kid, token, issued_at, expires_at, again
FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::boolean[])
    AS made(tenant_id, jti, approval_id, kid, token, issued_at, expires_at, again)
