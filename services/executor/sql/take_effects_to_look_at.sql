-- Whoever takes one moves its next look on, so that others leave it alone meanwhile.
UPDATE effect AS e
SET look_at = clock_timestamp() + $2::interval
FROM (SELECT tenant_id, ticket_id, run, step
      FROM effect
      WHERE state = 'unknown' AND look_at <= now()
      ORDER BY look_at
      LIMIT $1::bigint
      FOR UPDATE SKIP LOCKED) AS due
WHERE e.tenant_id = due.tenant_id AND e.ticket_id = due.ticket_id AND e.run = due.run AND e.step = due.step
RETURNING e.tenant_id, e.ticket_id, e.run, e.step, e.tool, e.arguments, e.idempotency_key, e.unknown_since, clock_timestamp()
