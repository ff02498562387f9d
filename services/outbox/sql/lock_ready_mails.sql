SELECT d.id, d.tenant_id, d.ticket_id, d.message_id, d.run, d.step, d.maybe_sent
FROM delivery d
WHERE d.id = ANY ($1::uuid[]) AND d.state || '' = 'ready'  -- 0017: by the key, not by what is ready
ORDER BY d.id
FOR UPDATE OF d
