INSERT INTO conversation (tenant_id, ticket_id, version, status, realm, requester, actor, instruction, subject, body, fields, plan,
                          proposed_version, proposed_after)
SELECT tenant_id, ticket_id, version, status, realm, requester::json, actor::json, instruction, subject, body, fields::json, plan::json,
       proposed_version, proposed_after
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::bigint[], $14::bigint[])
    AS begun(tenant_id, ticket_id, version, status, realm, requester, actor, instruction, subject, body, fields, plan, proposed_version,
             proposed_after)
