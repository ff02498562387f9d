SELECT approval_id, people, decided_at, reason
FROM approval
WHERE tenant_id = $1::text AND operation_key = $2::text AND state = 'denied' AND approval_id <> $3::uuid
ORDER BY decided_at DESC, approval_id DESC
LIMIT $4::bigint
