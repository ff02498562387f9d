SELECT v.tenant_id, v.ticket_id, v.run, v.step, v.name, v.tool, v.tool_version, v.arguments::text, v.result::text, v.origin, v.read_at
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT run.run
                    FROM run
                    WHERE run.tenant_id = k.tenant_id AND run.ticket_id = k.ticket_id AND run.state <> 'stopped'
                    OFFSET 0) AS live  -- 0017: found by its key
CROSS JOIN LATERAL (SELECT *
                    FROM evidence
                    WHERE evidence.tenant_id = k.tenant_id AND evidence.ticket_id = k.ticket_id AND evidence.run = live.run
                    OFFSET 0) AS v
ORDER BY v.tenant_id, v.ticket_id, v.run, v.step
