INSERT INTO audit.entry (id, batch_id, tenant_id, ticket_id, event, detail)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text::jsonb)
