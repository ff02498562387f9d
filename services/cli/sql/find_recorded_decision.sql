SELECT json_build_object('counted', counted, 'code', code, 'person', person, 'verb', verb)::text
FROM approval.decision WHERE tenant_id = $1::text AND digest = $2::text
ORDER BY counted DESC, received_at LIMIT 1
