SELECT s.tenant_id, s.ticket_id, s.run, s.step, s.plan, s.name, s.tool, s.tool_version, s.risk, s.state, s.turn, s.proposed::text,
       s.arguments::text, s.origins::text, s.decision::text, s.codes, s.sent, s.unsent, s.due_at, s.token, s.lease_until, s.ended_at,
       s.claimed_by
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM step WHERE step.tenant_id = k.tenant_id AND step.ticket_id = k.ticket_id
                    OFFSET 0) AS s  -- 0017: found by its key
WHERE EXISTS (SELECT FROM run r
              WHERE r.tenant_id = s.tenant_id AND r.ticket_id = s.ticket_id AND r.run = s.run AND r.state <> 'stopped' OFFSET 0)
   OR EXISTS (SELECT FROM effect e
              WHERE e.tenant_id = s.tenant_id AND e.ticket_id = s.ticket_id AND e.run = s.run AND e.step = s.step
                AND e.state IN ('claimed', 'unknown') OFFSET 0)
ORDER BY s.tenant_id, s.ticket_id, s.run, s.step
