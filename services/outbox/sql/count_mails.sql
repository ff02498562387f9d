-- How long the longest waiting mail is overdue in seconds, and how many wait for a mailbox that cannot be used now.
SELECT coalesce(extract(epoch FROM now() - min(d.due_at)), 0)::double precision,
       count(*) FILTER (WHERE NOT EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS m (tenant_id, endpoint)
                                          WHERE m.tenant_id = d.tenant_id AND m.endpoint = d.endpoint))
FROM delivery d
WHERE d.channel = 'email' AND d.state = 'ready' AND d.due_at <= now()
