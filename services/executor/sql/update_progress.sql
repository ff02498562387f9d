-- What was said of these tickets is as it was.
UPDATE ticket t
SET version = u.version, status = u.status, runs_opened = u.runs_opened, ended_version = u.ended_version, held_plan = u.held_plan::json,
    held_version = u.held_version
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::bigint[])
     AS u (tenant_id, ticket_id, version, status, runs_opened, ended_version, held_plan, held_version)
WHERE t.tenant_id = u.tenant_id AND t.ticket_id = u.ticket_id
