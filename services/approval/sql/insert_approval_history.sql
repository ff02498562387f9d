INSERT INTO approval_history (id, batch_id, tenant_id, approval_id, old_state, new_state, people, codes, outbox_id, verdict_id)
SELECT id, $1::uuid, tenant_id, approval_id, old_state, new_state, ARRAY(SELECT jsonb_array_elements_text(people::jsonb)),
       ARRAY(SELECT jsonb_array_elements_text(codes::jsonb)), outbox_id, verdict_id
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[])
    AS moved(id, tenant_id, approval_id, old_state, new_state, people, codes, outbox_id, verdict_id)
