SELECT s.tenant_id, s.ticket_id, s.run, s.step, s.plan, s.name, s.tool, s.tool_version, s.risk, s.state, s.turn, s.proposed::text,
       s.arguments::text, s.origins::text, s.decision::text, s.codes, s.sent, s.unsent, s.due_at, s.token, s.lease_until, s.ended_at,
       s.claimed_by
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS k (tenant_id, ticket_id, run, step)
JOIN step s USING (tenant_id, ticket_id, run, step)
