INSERT INTO change (id, batch_id, tenant_id, ticket_id, runs, steps, whats, old_states, new_states, codes, outbox_ids)
SELECT u.id, $1::uuid, u.tenant_id, u.ticket_id, u.runs::integer[], u.steps::integer[], u.whats::text[], u.old_states::text[],
       u.new_states::text[], u.codes::text[], u.outbox_ids::uuid[]
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
     AS u (id, tenant_id, ticket_id, runs, steps, whats, old_states, new_states, codes, outbox_ids)
