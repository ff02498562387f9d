INSERT INTO exchange (id, batch_id, tenant_id, ticket_id, remarks)
SELECT id, $1::uuid, tenant_id, ticket_id, remarks::json
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS held(id, tenant_id, ticket_id, remarks)
