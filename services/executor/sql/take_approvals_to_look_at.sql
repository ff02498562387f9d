-- Whoever takes one has it for as long as the lease; `before` is what people were shown when they were asked the time before.
UPDATE approval AS a
SET token = due.token, lease_until = clock_timestamp() + $2::interval
FROM (SELECT tenant_id, ticket_id, run, step, asked, gen_random_uuid() AS token
      FROM approval
      WHERE stage IN ('previewing', 'granted') AND due_at <= now() AND (lease_until IS NULL OR lease_until <= now())
      ORDER BY due_at
      LIMIT $1::bigint
      FOR UPDATE SKIP LOCKED) AS due
WHERE a.tenant_id = due.tenant_id AND a.ticket_id = due.ticket_id AND a.run = due.run AND a.step = due.step AND a.asked = due.asked
RETURNING a.tenant_id, a.ticket_id, a.approval_id, a.token, a.shown::text,
          (SELECT (p.shown -> 'preview' -> 'before')::text
           FROM approval p
           WHERE p.tenant_id = a.tenant_id AND p.ticket_id = a.ticket_id AND p.run = a.run AND p.step = a.step AND p.asked = a.asked - 1)
