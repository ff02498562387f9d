-- Candidates are hints: state, time and order are judged again here, and what another process is claiming is left to it.
UPDATE delivery d
SET state = 'leased', token = $4::uuid, lease_until = now() + chosen.lease, claimed_by = $5::uuid
FROM (SELECT c.id, w.lease, w.nth
      FROM unnest($1::uuid[], $2::interval[], $3::boolean[]) WITH ORDINALITY AS w (id, lease, ordered, nth)
      JOIN delivery c ON c.id = w.id
      WHERE c.state = 'ready' AND c.due_at <= now()
        AND NOT (w.ordered AND EXISTS (SELECT FROM delivery e
                                       WHERE e.tenant_id = c.tenant_id AND e.endpoint = c.endpoint AND e.ticket_id = c.ticket_id
                                         AND e.state IN ('ready', 'leased') AND e.place < c.place))
      FOR UPDATE OF c SKIP LOCKED) chosen
WHERE d.id = chosen.id
RETURNING chosen.nth, d.id, d.ticket_id, d.attempts, d.lapses, d.payload, d.created_at
