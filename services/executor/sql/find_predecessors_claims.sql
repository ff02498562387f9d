-- Claims of earlier lives of this instance.
SELECT s.tenant_id, s.ticket_id, s.run, s.step, s.token, s.tool
FROM step AS s
JOIN incarnation AS i ON i.id = s.claimed_by
WHERE s.state = 'claimed' AND i.instance = $2::text AND i.id <> $3::uuid
ORDER BY s.lease_until
LIMIT $1::bigint
