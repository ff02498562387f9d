-- The rows whose claim still stands, locked until their end is written.
SELECT d.id, d.attempts, d.lapses, d.withdrawn, d.maybe_sent, d.message_id, d.run, d.step
FROM delivery d
JOIN unnest($1::uuid[], $2::uuid[]) AS w (id, token) ON d.id = w.id AND d.token = w.token
ORDER BY d.id
FOR UPDATE OF d
