SELECT r.tenant_id, r.ticket_id, r.run, r.version, r.state, r.stop_reason, r.codes, r.turns, r.plans, r.agent, r.playbook, r.close::text,
       r.resolution::text, r.waiting_since, r.opened_at, r.actor
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM run WHERE run.tenant_id = k.tenant_id AND run.ticket_id = k.ticket_id AND run.state <> 'stopped'
                    OFFSET 0) AS r  -- 0017: found by its key
