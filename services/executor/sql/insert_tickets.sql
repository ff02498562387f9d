INSERT INTO ticket (tenant_id, ticket_id, version, status, runs_opened, ended_version, held_plan, held_version, realm, requester,
                    authenticated, subject, body, fields, actor, actor_authenticated, instruction)
SELECT u.tenant_id, u.ticket_id, u.version, u.status, u.runs_opened, u.ended_version, u.held_plan::json, u.held_version, u.realm,
       u.requester::json, u.authenticated, u.subject, u.body, u.fields::json, u.actor::json, u.actor_authenticated, u.instruction
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::bigint[], $9::text[],
            $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[], $16::boolean[], $17::text[])
     AS u (tenant_id, ticket_id, version, status, runs_opened, ended_version, held_plan, held_version, realm, requester, authenticated,
           subject, body, fields, actor, actor_authenticated, instruction)
