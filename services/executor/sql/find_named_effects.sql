SELECT e.tenant_id, e.ticket_id, e.run, e.step, e.tool, e.tool_version, e.state, e.idempotency_key, e.arguments::text, e.operation,
       e.operation_key, e.key_held, e.held_until, e.target, e.amount_minor, e.currency, e.receipt::text, e.unknown_since, e.look_at,
       e.overdue, e.created_at, e.key_passed
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS k (tenant_id, ticket_id, run, step)
JOIN effect e USING (tenant_id, ticket_id, run, step)
