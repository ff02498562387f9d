SELECT json_build_object(
         'step', step, 'tool', tool, 'state', state, 'idempotency_key', idempotency_key, 'operation', operation, 'target', target,
         'amount_minor', amount_minor, 'currency', currency, 'receipt', receipt, 'overdue', overdue)::text
FROM executor.effect WHERE tenant_id = $1::text AND ticket_id = $2::text AND run = $3::integer
ORDER BY step
