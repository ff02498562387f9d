SELECT approvals.waiting, coalesce(extract(epoch FROM clock_timestamp() - approvals.since), 0)::float8,
       handoffs.waiting, coalesce(extract(epoch FROM clock_timestamp() - handoffs.since), 0)::float8
FROM (SELECT count(*) AS waiting, min(requested_at) AS since FROM approval WHERE state = 'requested') AS approvals,
     (SELECT count(*) AS waiting, min(opened_at) AS since FROM handoff WHERE state = 'open') AS handoffs
