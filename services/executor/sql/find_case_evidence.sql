SELECT v.tenant_id, v.ticket_id, v.run, v.step, v.name, v.tool, v.tool_version, v.arguments::text, v.result::text, v.origin, v.read_at
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM evidence WHERE evidence.tenant_id = k.tenant_id AND evidence.ticket_id = k.ticket_id
                    OFFSET 0) AS v  -- 0017: found by its key
WHERE EXISTS (SELECT FROM run r
              WHERE r.tenant_id = v.tenant_id AND r.ticket_id = v.ticket_id AND r.run = v.run AND r.state <> 'stopped' OFFSET 0)
ORDER BY v.tenant_id, v.ticket_id, v.run, v.step
