INSERT INTO run (tenant_id, ticket_id, run, version, state, stop_reason, codes, turns, plans, agent, playbook, close, resolution,
                 waiting_since, opened_at, stopped_at, actor)
SELECT u.tenant_id, u.ticket_id, u.run, u.version, u.state, u.stop_reason, string_to_array(u.codes, ' '), u.turns, u.plans,
       u.agent, u.playbook, u.close::jsonb, u.resolution::jsonb, u.waiting_since, u.opened_at, u.stopped_at, u.actor
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],
            $17::text[])
     WITH ORDINALITY
     AS u (tenant_id, ticket_id, run, version, state, stop_reason, codes, turns, plans, agent, playbook, close, resolution, waiting_since,
           opened_at, stopped_at, actor, place)
ORDER BY u.place
ON CONFLICT (tenant_id, ticket_id, run) DO UPDATE
SET version = excluded.version, state = excluded.state, stop_reason = excluded.stop_reason, codes = excluded.codes,
    turns = excluded.turns, plans = excluded.plans, agent = excluded.agent, playbook = excluded.playbook, close = excluded.close,
    resolution = excluded.resolution, waiting_since = excluded.waiting_since, stopped_at = excluded.stopped_at
