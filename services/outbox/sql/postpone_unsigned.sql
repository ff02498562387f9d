-- Due deliveries of endpoints whose secrets cannot be had: they stay ready, say why, and are looked at again in ten seconds.
UPDATE delivery d
SET due_at = now() + interval '10 seconds', last_error = chosen.error
FROM unnest($1::text[], $2::text[], $3::text[]) AS w (tenant_id, endpoint, error)
CROSS JOIN LATERAL (SELECT c.id, w.error
                    FROM delivery c
                    WHERE c.tenant_id = w.tenant_id AND c.endpoint = w.endpoint AND c.state = 'ready' AND c.due_at <= now()
                    ORDER BY c.due_at
                    LIMIT 1000
                    FOR UPDATE SKIP LOCKED) chosen
WHERE d.id = chosen.id
