SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - min(r.waiting_since)) FROM run r WHERE r.state = 'awaiting_plan'), 0)::float8,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(s.due_at)) FROM step s WHERE s.state = 'ready' AND s.turn), 0)::float8,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(s.lease_until)) FROM step s WHERE s.state = 'claimed'), 0)::float8,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(e.unknown_since)) FROM effect e WHERE e.state = 'unknown'), 0)::float8,
       (SELECT count(*) FROM effect e WHERE e.state = 'unknown'),
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(a.requested_at))
                 FROM approval a WHERE a.stage IN ('requested', 'renewing')), 0)::float8,
       (SELECT count(*) FROM approval a WHERE a.stage IN ('requested', 'renewing'))
