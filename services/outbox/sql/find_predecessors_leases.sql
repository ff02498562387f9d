-- Claims of earlier lives of this instance.
SELECT d.id, d.token, d.tenant_id, d.ticket_id, d.endpoint, d.lapses
FROM delivery d
JOIN incarnation i ON i.id = d.claimed_by
WHERE d.state = 'leased' AND i.instance = $2::text AND i.id <> $3::uuid AND d.channel = $4::text
ORDER BY d.lease_until
LIMIT $1::bigint
