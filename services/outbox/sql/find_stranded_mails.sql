-- Mails that have been due for too long although nothing is wrong with them: no usable mailbox of their name.
SELECT d.id, d.tenant_id, d.ticket_id
FROM delivery d
WHERE d.channel = 'email' AND d.state = 'ready' AND d.due_at <= now() - $1::interval
  AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS m (tenant_id, endpoint)
                  WHERE m.tenant_id = d.tenant_id AND m.endpoint = d.endpoint)
ORDER BY d.due_at
LIMIT $4::bigint
