INSERT INTO history (id, batch_id, tenant_id, ticket_id, run, step, what, old_state, new_state, codes, outbox_id)
SELECT u.id, $1::uuid, u.tenant_id, u.ticket_id, u.run, u.step, u.what, u.old_state, u.new_state, string_to_array(u.codes, ' '),
       u.outbox_id
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::uuid[])
     AS u (id, tenant_id, ticket_id, run, step, what, old_state, new_state, codes, outbox_id)
