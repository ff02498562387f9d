-- A key that was passed on meanwhile, which does not wait for this ticket, stays where it is.
INSERT INTO effect (tenant_id, ticket_id, run, step, tool, tool_version, state, idempotency_key, arguments, operation, operation_key,
                    key_held, held_until, target, amount_minor, currency, receipt, unknown_since, look_at, overdue, created_at, key_passed)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.tool, u.tool_version, u.state, u.idempotency_key, u.arguments::jsonb, u.operation,
       u.operation_key, u.key_held, u.held_until, u.target, u.amount_minor, u.currency, u.receipt::jsonb, u.unknown_since, u.look_at,
       u.overdue, u.created_at, u.key_passed
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::boolean[], $13::timestamptz[], $14::text[], $15::bigint[], $16::text[], $17::text[],
            $18::timestamptz[], $19::timestamptz[], $20::boolean[], $21::timestamptz[], $22::boolean[])
     AS u (tenant_id, ticket_id, run, step, tool, tool_version, state, idempotency_key, arguments, operation, operation_key, key_held,
           held_until, target, amount_minor, currency, receipt, unknown_since, look_at, overdue, created_at, key_passed)
ON CONFLICT (tenant_id, ticket_id, run, step) DO UPDATE
SET tool_version = excluded.tool_version, state = excluded.state, arguments = excluded.arguments, operation = excluded.operation,
    operation_key = excluded.operation_key, key_held = excluded.key_held AND NOT effect.key_passed,
    key_passed = effect.key_passed OR excluded.key_passed, held_until = excluded.held_until, target = excluded.target,
    amount_minor = excluded.amount_minor, currency = excluded.currency, receipt = excluded.receipt,
    unknown_since = excluded.unknown_since, look_at = excluded.look_at, overdue = excluded.overdue
