INSERT INTO ticket (tenant_id, ticket_id, version, status, realm, requester, authenticated, subject, body, fields, runs_opened,
                    ended_version, held_plan, held_version, actor, actor_authenticated, instruction)
SELECT u.tenant_id, u.ticket_id, u.version, u.status, u.realm, u.requester::jsonb, u.authenticated, u.subject, u.body, u.fields::jsonb,
       u.runs_opened, u.ended_version, u.held_plan::jsonb, u.held_version, u.actor::jsonb, u.actor_authenticated, u.instruction
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::text[], $10::text[],
            $11::integer[], $12::bigint[], $13::text[], $14::bigint[], $15::text[],
            $16::boolean[], $17::text[])
     AS u (tenant_id, ticket_id, version, status, realm, requester, authenticated, subject, body, fields, runs_opened, ended_version,
           held_plan, held_version, actor, actor_authenticated, instruction)
ON CONFLICT (tenant_id, ticket_id) DO UPDATE
SET version = excluded.version, status = excluded.status, realm = excluded.realm, requester = excluded.requester,
    authenticated = excluded.authenticated, subject = excluded.subject, body = excluded.body, fields = excluded.fields,
    runs_opened = excluded.runs_opened, ended_version = excluded.ended_version, held_plan = excluded.held_plan,
    held_version = excluded.held_version, actor = excluded.actor, actor_authenticated = excluded.actor_authenticated,
    instruction = excluded.instruction
