-- `place` is given in the order of the batch. A delivery that is there already was accepted by an earlier transaction.
-- Rows with a wish would like to be claimed at once: the nth of its endpoint may when the endpoint is well and so many slots are left
-- after what is due already has had its share, and when no earlier message of an ordered ticket is unfinished.
WITH room AS (
    SELECT array_agg(CASE WHEN coalesce(s.state, 'open') = 'open' THEN w.slots - waiting.due ELSE 0 END ORDER BY w.nth) AS slots
    FROM unnest($11::text[], $12::text[], $13::bigint[], $14::bigint[]) WITH ORDINALITY AS w (tenant_id, endpoint, version, slots, nth)
    LEFT JOIN endpoint_state s ON s.tenant_id = w.tenant_id AND s.endpoint = w.endpoint AND s.version = w.version
    CROSS JOIN LATERAL (SELECT count(*) AS due
                        FROM (SELECT FROM delivery d
                              WHERE d.tenant_id = w.tenant_id AND d.endpoint = w.endpoint AND d.state = 'ready' AND d.due_at <= now()
                              ORDER BY d.due_at, d.place  -- by the index that knows what is due
                              LIMIT w.slots) d) waiting
), judged AS MATERIALIZED (
    SELECT r.*, coalesce(r.rank <= room.slots[r.wish], false)
                AND NOT (r.follows AND EXISTS (SELECT FROM delivery e
                                               WHERE e.tenant_id = r.tenant_id AND e.endpoint = r.endpoint AND e.ticket_id = r.ticket_id
                                                 AND e.state IN ('ready', 'leased')
                                               OFFSET 0)) AS claimed
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $10::timestamptz[],
                $16::bigint[], $17::bigint[], $18::boolean[])
         WITH ORDINALITY AS r (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, body, due_at, wish, rank, follows, nth)
    CROSS JOIN room
    ORDER BY r.nth
)
INSERT INTO delivery (id, tenant_id, ticket_id, endpoint, message_id, type, sequence, payload, state, due_at, created_at, token, lease_until,
                      claimed_by)
SELECT j.id, j.tenant_id, j.ticket_id, j.endpoint, j.message_id, j.type, j.sequence, ($9::bytea[])[j.body],
       CASE WHEN j.claimed THEN 'leased' ELSE 'ready' END, j.due_at, now(), CASE WHEN j.claimed THEN $19::uuid END,
       CASE WHEN j.claimed THEN clock_timestamp() + ($15::interval[])[j.wish] END, CASE WHEN j.claimed THEN $20::uuid END
FROM judged j
ON CONFLICT (id) DO NOTHING
RETURNING id, state = 'leased'
