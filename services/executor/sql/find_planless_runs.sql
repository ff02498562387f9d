SELECT r.tenant_id, r.ticket_id
FROM run r
WHERE r.state = 'awaiting_plan' AND r.waiting_since <= clock_timestamp() - $1::interval
ORDER BY r.waiting_since
LIMIT $2::bigint
