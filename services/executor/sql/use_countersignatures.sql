-- In one order for everyone, so that two batches never wait for each other.
INSERT INTO countersignature (tenant_id, jti, ticket_id, run, step, approval_id, used_at)
SELECT u.tenant_id, u.jti, u.ticket_id, u.run, u.step, u.approval_id, clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::uuid[])
     AS u (tenant_id, jti, ticket_id, run, step, approval_id)
ORDER BY u.tenant_id, u.jti
ON CONFLICT (tenant_id, jti) DO NOTHING
