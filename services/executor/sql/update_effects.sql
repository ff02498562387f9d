-- What an effect is stays as it was claimed first. A key that was passed on meanwhile, which does not wait for this ticket, stays where it is.
UPDATE effect e
SET tool_version = u.tool_version, state = u.state, operation = u.operation, operation_key = u.operation_key,
    key_held = u.key_held AND NOT e.key_passed, key_passed = e.key_passed OR u.key_passed, held_until = u.held_until, target = u.target,
    amount_minor = u.amount_minor, currency = u.currency, receipt = u.receipt::json, unknown_since = u.unknown_since,
    look_at = u.look_at, overdue = u.overdue
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::boolean[],
            $10::boolean[], $11::timestamptz[], $12::text[], $13::bigint[], $14::text[], $15::text[], $16::timestamptz[],
            $17::timestamptz[], $18::boolean[])
     AS u (tenant_id, ticket_id, run, step, tool_version, state, operation, operation_key, key_held, key_passed, held_until, target,
           amount_minor, currency, receipt, unknown_since, look_at, overdue)
WHERE e.tenant_id = u.tenant_id AND e.ticket_id = u.ticket_id AND e.run = u.run AND e.step = u.step
