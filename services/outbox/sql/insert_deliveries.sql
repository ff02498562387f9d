-- `place` is given in the order of the batch. What is there already was accepted by an earlier transaction.
INSERT INTO delivery (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, payload, state, due_at, created_at)
SELECT r.id, m.tenant_id, m.ticket_id, r.endpoint, m.message_id, m.type, m.sequence, m.payload, 'ready', r.due_at, now()
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS r (id, message, endpoint, due_at, nth)
JOIN unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bytea[]) WITH ORDINALITY
     AS m (tenant_id, ticket_id, message_id, type, sequence, payload, nth) ON m.nth = r.message
ORDER BY r.nth
ON CONFLICT (tenant_id, endpoint, message_id) DO NOTHING
