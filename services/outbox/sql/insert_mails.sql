INSERT INTO delivery (id, tenant_id, ticket_id, endpoint, channel, message_id, type, sequence, run, step, payload, state, end_code, result_id,
                      due_at, created_at, ended_at)
SELECT r.id, r.tenant_id, r.ticket_id, r.endpoint, 'email', r.message_id, 'message.requested', r.sequence, r.run, r.step, r.payload, r.state,
       r.end_code, r.result_id, now(), now(), CASE WHEN r.state <> 'ready' THEN now() END
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::integer[], $8::integer[], $9::bytea[], $10::text[],
            $11::text[], $12::uuid[])
     AS r (id, tenant_id, ticket_id, endpoint, message_id, sequence, run, step, payload, state, end_code, result_id)
ORDER BY r.id
