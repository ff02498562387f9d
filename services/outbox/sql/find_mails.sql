-- What is known of these messages; locked, so that no claim slips in between.
SELECT d.id, d.tenant_id, d.ticket_id, d.message_id, d.run, d.step, d.state, d.maybe_sent
FROM delivery d
JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS u (tenant_id, message_id)) w
     ON w.tenant_id = d.tenant_id AND w.message_id = d.message_id
WHERE d.channel = 'email'
ORDER BY d.id
FOR UPDATE OF d
