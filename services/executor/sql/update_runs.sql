UPDATE run r
SET version = u.version, state = u.state, stop_reason = u.stop_reason, codes = string_to_array(u.codes, ' '), turns = u.turns,
    plans = u.plans, agent = u.agent, playbook = u.playbook, close = u.close::json, resolution = u.resolution::json,
    waiting_since = u.waiting_since, stopped_at = u.stopped_at
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[])
     AS u (tenant_id, ticket_id, run, version, state, stop_reason, codes, turns, plans, agent, playbook, close, resolution, waiting_since,
           stopped_at)
WHERE r.tenant_id = u.tenant_id AND r.ticket_id = u.ticket_id AND r.run = u.run
