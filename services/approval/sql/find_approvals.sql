SELECT a.tenant_id, a.approval_id, a.ticket_id, a.run, a.step, a.state, (a.shown -> 'action')::text, a.action_digest,
       (a.shown -> 'requirement')::text, a.requirement_digest, a.shown_digest, a.shown -> 'requester' ->> 'id', a.shown -> 'actor' ->> 'id',
       a.requested_at, a.expires_at, a.decided_at, a.people, a.reason, a.codes
FROM unnest($1::text[], $2::uuid[]) AS wanted(tenant_id, approval_id)
JOIN approval a ON a.tenant_id = wanted.tenant_id AND a.approval_id = wanted.approval_id
