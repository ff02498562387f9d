SELECT shown::text, request
FROM approval
WHERE tenant_id = $1::text AND approval_id = $2::uuid
