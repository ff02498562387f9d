-- What is known of these messages; locked, so that no claim slips in between. 0017: found by their key, not among all mails.
SELECT d.id, d.tenant_id, d.ticket_id, d.message_id, d.run, d.step, d.state, d.maybe_sent
FROM delivery d
WHERE d.id = ANY (ARRAY(SELECT m.id
                        FROM unnest($1::text[], $2::text[]) AS w (tenant_id, message_id)
                        CROSS JOIN LATERAL (SELECT k.id
                                            FROM delivery k
                                            WHERE k.tenant_id = w.tenant_id AND k.message_id = w.message_id AND k.channel = 'email'
                                            OFFSET 0) AS m))
ORDER BY d.id
FOR UPDATE OF d
