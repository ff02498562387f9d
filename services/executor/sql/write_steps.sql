INSERT INTO step (tenant_id, ticket_id, run, step, plan, name, tool, tool_version, risk, state, turn, proposed, arguments, origins,
                  decision, codes, sent, unsent, due_at, token, lease_until, ended_at, claimed_by)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.plan, u.name, u.tool, u.tool_version, u.risk, u.state, u.turn, u.proposed::jsonb,
       u.arguments::jsonb, u.origins::jsonb, u.decision::jsonb, string_to_array(u.codes, ' '), u.sent, u.unsent, u.due_at, u.token,
       u.lease_until, u.ended_at, u.claimed_by
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::bigint[], $9::text[],
            $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::integer[],
            $19::timestamptz[], $20::uuid[], $21::timestamptz[], $22::timestamptz[], $23::uuid[])
     AS u (tenant_id, ticket_id, run, step, plan, name, tool, tool_version, risk, state, turn, proposed, arguments, origins, decision,
           codes, sent, unsent, due_at, token, lease_until, ended_at, claimed_by)
ON CONFLICT (tenant_id, ticket_id, run, step) DO UPDATE
SET tool_version = excluded.tool_version, risk = excluded.risk, state = excluded.state, turn = excluded.turn,
    arguments = excluded.arguments, origins = excluded.origins, decision = excluded.decision, codes = excluded.codes,
    sent = excluded.sent, unsent = excluded.unsent, due_at = excluded.due_at, token = excluded.token,
    lease_until = excluded.lease_until, ended_at = excluded.ended_at, claimed_by = excluded.claimed_by
