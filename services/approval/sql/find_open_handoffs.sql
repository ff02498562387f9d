SELECT h.tenant_id, h.ticket_id, h.handoff_id, h.state, h.run, h.reason, h.codes, h.priority, h.summary, h.effects::text,
       h.referral_id, h.opened_at
FROM unnest($1::text[], $2::text[]) AS wanted(tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT * FROM handoff o
                    WHERE o.tenant_id = wanted.tenant_id AND o.ticket_id = wanted.ticket_id AND o.state IN ('open', 'claimed')
                    OFFSET 0) AS h  -- 0017: found by its key
