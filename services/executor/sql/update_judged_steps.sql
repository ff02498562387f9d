-- Steps that the gate has looked at: with what it found out.
UPDATE step s
SET tool_version = u.tool_version, risk = u.risk, state = u.state, turn = u.turn, codes = string_to_array(u.codes, ' '), sent = u.sent,
    unsent = u.unsent, due_at = u.due_at, token = u.token, lease_until = u.lease_until, ended_at = u.ended_at, claimed_by = u.claimed_by,
    arguments = u.arguments::json, origins = u.origins::json, decision = u.decision::json
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::boolean[], $9::text[],
            $10::integer[], $11::integer[], $12::timestamptz[], $13::uuid[], $14::timestamptz[], $15::timestamptz[], $16::uuid[],
            $17::text[], $18::text[], $19::text[])
     AS u (tenant_id, ticket_id, run, step, tool_version, risk, state, turn, codes, sent, unsent, due_at, token, lease_until, ended_at,
           claimed_by, arguments, origins, decision)
WHERE s.tenant_id = u.tenant_id AND s.ticket_id = u.ticket_id AND s.run = u.run AND s.step = u.step
