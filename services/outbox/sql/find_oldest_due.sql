-- Seconds that the longest waiting delivery is overdue; what is owed to a disabled endpoint waits for people and does not count.
SELECT coalesce(extract(epoch FROM now() - min(d.due_at)), 0)::double precision
FROM delivery d
WHERE d.channel = 'webhook' AND d.state = 'ready' AND d.due_at <= now()
  AND NOT EXISTS (SELECT FROM endpoint_state s
                  WHERE s.tenant_id = d.tenant_id AND s.endpoint = d.endpoint AND s.state = 'disabled')
