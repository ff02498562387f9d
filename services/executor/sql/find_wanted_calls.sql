-- Of these claims, those that stand, whose run goes on, and whose configuration is still in force.
-- OFFSET 0: each step and run is looked up by its key before its state is judged (0017).
SELECT c.n
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::uuid[], $6::bigint[])
     WITH ORDINALITY AS c (tenant_id, ticket_id, run, step, token, revision, n)
CROSS JOIN LATERAL (SELECT s.state, s.token, s.lease_until
                    FROM step s
                    WHERE s.tenant_id = c.tenant_id AND s.ticket_id = c.ticket_id AND s.run = c.run AND s.step = c.step
                    OFFSET 0) AS s
CROSS JOIN LATERAL (SELECT r.state
                    FROM run r
                    WHERE r.tenant_id = c.tenant_id AND r.ticket_id = c.ticket_id AND r.run = c.run
                    OFFSET 0) AS r
WHERE s.state = 'claimed' AND s.token = c.token AND s.lease_until > now() AND r.state = 'running'
  AND c.revision = (SELECT revision FROM core.configuration)
