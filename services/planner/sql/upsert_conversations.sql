INSERT INTO conversation AS c (tenant_id, ticket_id, version, status, realm, requester, subject, body, fields, ended_version, run, step,
                               plan, done, proposed_version, proposed_after, actor, instruction)
SELECT tenant_id, ticket_id, version, status, realm, requester::jsonb, subject, body, fields::jsonb, ended_version, run, step,
       plan::jsonb, done, proposed_version, proposed_after, actor::jsonb, instruction
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[],
            $11::bigint[], $12::bigint[], $13::text[], $14::integer[], $15::bigint[], $16::bigint[], $17::text[], $18::text[])
    AS written(tenant_id, ticket_id, version, status, realm, requester, subject, body, fields, ended_version, run, step,
               plan, done, proposed_version, proposed_after, actor, instruction)
ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET
    version = excluded.version, status = excluded.status, requester = excluded.requester, subject = excluded.subject,
    body = excluded.body, fields = excluded.fields, ended_version = excluded.ended_version, run = excluded.run, step = excluded.step,
    plan = excluded.plan, done = excluded.done, proposed_version = excluded.proposed_version, proposed_after = excluded.proposed_after,
    actor = excluded.actor, instruction = excluded.instruction, updated_at = clock_timestamp()
