-- Candidates are hints: state, time and order are judged again here, and what another process is claiming is left to it.
-- OFFSET 0: each is found by its key before its state is judged; a small partial index would give all its entries for each candidate.
UPDATE delivery d
SET state = 'leased', token = $4::uuid, lease_until = now() + chosen.lease, claimed_by = $5::uuid
FROM (SELECT c.id, w.lease, w.nth
      FROM unnest($1::uuid[], $2::interval[], $3::boolean[]) WITH ORDINALITY AS w (id, lease, ordered, nth)
      CROSS JOIN LATERAL (SELECT k.id, k.tenant_id, k.endpoint, k.ticket_id, k.place, k.state, k.due_at
                          FROM delivery k
                          WHERE k.id = w.id
                          OFFSET 0
                          FOR UPDATE SKIP LOCKED) c
      WHERE c.state = 'ready' AND c.due_at <= now()
        AND NOT (w.ordered AND EXISTS (SELECT FROM delivery e
                                       WHERE e.tenant_id = c.tenant_id AND e.endpoint = c.endpoint AND e.ticket_id = c.ticket_id
                                         AND e.state IN ('ready', 'leased') AND e.place < c.place
                                       OFFSET 0))) chosen
WHERE d.id = chosen.id
RETURNING chosen.nth, d.id, d.ticket_id, d.attempts, d.lapses, d.payload, d.created_at
