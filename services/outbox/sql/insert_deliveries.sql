-- `place` is given in the order of the batch. What is there already was accepted by an earlier transaction.
INSERT INTO delivery (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, payload, state, due_at, created_at)
SELECT r.id, ($5::text[])[r.message], ($6::text[])[r.message], r.endpoint, ($7::text[])[r.message], ($8::text[])[r.message],
       ($9::bigint[])[r.message], ($10::bytea[])[r.message], 'ready', r.due_at, now()
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS r (id, message, endpoint, due_at, nth)
ORDER BY r.nth
ON CONFLICT (tenant_id, endpoint, message_id) DO NOTHING
