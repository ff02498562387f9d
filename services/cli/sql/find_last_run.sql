SELECT coalesce(max(run), 0)::bigint FROM executor.run WHERE tenant_id = $1::text AND ticket_id = $2::text
