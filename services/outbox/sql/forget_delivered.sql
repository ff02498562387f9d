DELETE FROM delivery
WHERE id IN (SELECT d.id FROM delivery d
             WHERE d.state = 'delivered' AND d.ended_at < now() - $1::interval
             ORDER BY d.ended_at LIMIT $2::bigint)
