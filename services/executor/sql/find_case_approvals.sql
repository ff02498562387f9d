SELECT a.tenant_id, a.ticket_id, a.run, a.step, a.asked, a.approval_id, a.stage, a.action::text, a.action_digest, a.requirement::text,
       a.requirement_digest, a.drift_digest, a.countersignature, a.jti, a.cleared_until, a.renewals, a.looks, a.requested_at, a.due_at,
       a.token, a.lease_until, a.shown -> 'holder' ->> 'state'
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
CROSS JOIN LATERAL (SELECT run.run
                    FROM run
                    WHERE run.tenant_id = k.tenant_id AND run.ticket_id = k.ticket_id AND run.state <> 'stopped'
                    OFFSET 0) AS live  -- 0017: found by its key
CROSS JOIN LATERAL (SELECT *
                    FROM approval
                    WHERE approval.tenant_id = k.tenant_id AND approval.ticket_id = k.ticket_id AND approval.run = live.run
                    OFFSET 0) AS a
ORDER BY a.tenant_id, a.ticket_id, a.run, a.step, a.asked
