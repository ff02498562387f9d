INSERT INTO interaction (id, batch_id, tenant_id, ticket_id, version, event, detail, outbox_id)
SELECT id, $1::uuid, tenant_id, ticket_id, version, event, detail::jsonb, outbox_id
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::uuid[])
    AS noted(id, tenant_id, ticket_id, version, event, detail, outbox_id)
