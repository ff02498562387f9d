UPDATE ticket t
SET version = u.version, status = u.status, runs_opened = u.runs_opened, ended_version = u.ended_version, held_plan = u.held_plan::json,
    held_version = u.held_version, realm = u.realm, requester = u.requester::json, authenticated = u.authenticated, subject = u.subject,
    body = u.body, fields = u.fields::json, actor = u.actor::json, actor_authenticated = u.actor_authenticated, instruction = u.instruction
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::bigint[], $9::text[],
            $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[], $16::boolean[], $17::text[])
     AS u (tenant_id, ticket_id, version, status, runs_opened, ended_version, held_plan, held_version, realm, requester, authenticated,
           subject, body, fields, actor, actor_authenticated, instruction)
WHERE t.tenant_id = u.tenant_id AND t.ticket_id = u.ticket_id
