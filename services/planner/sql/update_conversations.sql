-- What an event of the ticket can change. No plan: the one that is there stays.
UPDATE conversation c
SET version = u.version, status = u.status, requester = u.requester::json, actor = u.actor::json, instruction = u.instruction,
    subject = u.subject, body = u.body, fields = u.fields::json, plan = coalesce(u.plan::json, c.plan),
    done = CASE WHEN u.plan IS NULL THEN c.done ELSE 0 END, proposed_version = u.proposed_version, proposed_after = u.proposed_after,
    updated_at = clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::bigint[], $13::bigint[])
    AS u(tenant_id, ticket_id, version, status, requester, actor, instruction, subject, body, fields, plan, proposed_version, proposed_after)
WHERE c.tenant_id = u.tenant_id AND c.ticket_id = u.ticket_id
