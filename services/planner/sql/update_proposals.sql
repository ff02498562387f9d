-- What a message on `steps` can change. No plan: the one that is there stays.
UPDATE conversation c
SET ended_version = u.ended_version, run = u.run, step = u.step, plan = coalesce(u.plan::json, c.plan), done = u.done,
    proposed_version = u.proposed_version, proposed_after = u.proposed_after, updated_at = clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::integer[], $8::bigint[], $9::bigint[])
    AS u(tenant_id, ticket_id, ended_version, run, step, plan, done, proposed_version, proposed_after)
WHERE c.tenant_id = u.tenant_id AND c.ticket_id = u.ticket_id
