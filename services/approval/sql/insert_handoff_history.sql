INSERT INTO handoff_history (id, batch_id, tenant_id, handoff_id, old_state, new_state, reason, outbox_id)
SELECT id, $1::uuid, tenant_id, handoff_id, old_state, new_state, reason, outbox_id
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[])
    AS changed(id, tenant_id, handoff_id, old_state, new_state, reason, outbox_id)
