INSERT INTO evidence (tenant_id, ticket_id, run, step, name, tool, tool_version, arguments, result, origin, digest, read_at)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.name, u.tool, u.tool_version, u.arguments::json, u.result::json, u.origin, u.digest,
       u.read_at
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
            $10::text[], $11::bytea[], $12::timestamptz[])
     AS u (tenant_id, ticket_id, run, step, name, tool, tool_version, arguments, result, origin, digest, read_at)
