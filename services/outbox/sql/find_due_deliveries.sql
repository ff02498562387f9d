-- What may be sent now, in fair order: every tenant's first before anybody's second, and within a tenant likewise its endpoints'.
WITH wish AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::integer[], $6::boolean[]) WITH ORDINALITY
         AS w (tenant_id, endpoint, version, slots, under_way, ordered, nth)
), due AS (
    SELECT w.tenant_id, w.nth AS wish, d.id, row_number() OVER (PARTITION BY w.nth ORDER BY d.due_at, d.place) AS nth
    FROM wish w
    LEFT JOIN endpoint_state s ON s.tenant_id = w.tenant_id AND s.endpoint = w.endpoint AND s.version = w.version
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at, d.place
        FROM delivery d
        WHERE d.tenant_id = w.tenant_id AND d.endpoint = w.endpoint AND d.state = 'ready' AND d.due_at <= now()
          AND NOT (w.ordered AND EXISTS (SELECT FROM delivery e
                                         WHERE e.tenant_id = d.tenant_id AND e.endpoint = d.endpoint AND e.ticket_id = d.ticket_id
                                           AND e.state IN ('ready', 'leased') AND e.place < d.place
                                         OFFSET 0))
        ORDER BY d.due_at, d.place
        LIMIT CASE WHEN s.state IS DISTINCT FROM 'broken' THEN w.slots WHEN w.under_way = 0 THEN 1 ELSE 0 END
    ) d
    WHERE s.state IS NULL OR (s.state <> 'disabled' AND coalesce(s.not_before, '-infinity') <= now())
)
SELECT ranked.id, ranked.wish
FROM (SELECT due.id, due.wish, row_number() OVER (PARTITION BY due.tenant_id ORDER BY due.nth, due.wish) AS nth FROM due) ranked
ORDER BY ranked.nth, ranked.wish
LIMIT $7::bigint
