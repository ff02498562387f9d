INSERT INTO ticket_message (tenant_id, ticket_id, version, author, author_id, body)
SELECT u.tenant_id, u.ticket_id, u.version, u.author, u.author_id, u.body
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
     AS u (tenant_id, ticket_id, version, author, author_id, body)
