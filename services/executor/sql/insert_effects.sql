INSERT INTO effect (tenant_id, ticket_id, run, step, tool, idempotency_key, created_at, arguments, tool_version, state, operation,
                    operation_key, key_held, key_passed, held_until, target, amount_minor, currency, receipt, unknown_since, look_at,
                    overdue)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.tool, u.idempotency_key, u.created_at, u.arguments::json, u.tool_version, u.state,
       u.operation, u.operation_key, u.key_held, u.key_passed, u.held_until, u.target, u.amount_minor, u.currency, u.receipt::json,
       u.unknown_since, u.look_at, u.overdue
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::bigint[],
            $10::text[], $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::timestamptz[], $16::text[], $17::bigint[],
            $18::text[], $19::text[], $20::timestamptz[], $21::timestamptz[], $22::boolean[])
     AS u (tenant_id, ticket_id, run, step, tool, idempotency_key, created_at, arguments, tool_version, state, operation, operation_key,
           key_held, key_passed, held_until, target, amount_minor, currency, receipt, unknown_since, look_at, overdue)
