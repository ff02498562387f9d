INSERT INTO step (tenant_id, ticket_id, run, step, plan, name, tool, proposed, tool_version, risk, state, turn, codes, sent, unsent,
                  due_at, token, lease_until, ended_at, claimed_by, arguments, origins, decision)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.plan, u.name, u.tool, u.proposed::json, u.tool_version, u.risk, u.state, u.turn,
       string_to_array(u.codes, ' '), u.sent, u.unsent, u.due_at, u.token, u.lease_until, u.ended_at, u.claimed_by, u.arguments::json,
       u.origins::json, u.decision::json
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::bigint[],
            $10::text[], $11::text[], $12::boolean[], $13::text[], $14::integer[], $15::integer[], $16::timestamptz[], $17::uuid[],
            $18::timestamptz[], $19::timestamptz[], $20::uuid[], $21::text[], $22::text[], $23::text[])
     AS u (tenant_id, ticket_id, run, step, plan, name, tool, proposed, tool_version, risk, state, turn, codes, sent, unsent, due_at,
           token, lease_until, ended_at, claimed_by, arguments, origins, decision)
