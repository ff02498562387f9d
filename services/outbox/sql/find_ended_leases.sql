SELECT d.id, d.token, d.tenant_id, d.ticket_id, d.endpoint, d.lapses
FROM delivery d
WHERE d.state = 'leased' AND d.lease_until <= now() AND d.channel = $2::text
ORDER BY d.lease_until
LIMIT $1::bigint
