INSERT INTO audit.entry (id, batch_id, tenant_id, ticket_id, run, step, event, detail)
SELECT a.id, $1::uuid, a.tenant_id, a.ticket_id, a.run, a.step, a.event, a.detail::jsonb
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[])
     AS a (id, tenant_id, ticket_id, run, step, event, detail)
