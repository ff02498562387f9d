-- In the order in which they come: a ticket has one live run at any moment of the statement.
INSERT INTO run (tenant_id, ticket_id, run, version, state, stop_reason, codes, turns, plans, agent, playbook, close, resolution,
                 waiting_since, stopped_at, opened_at, actor)
SELECT u.tenant_id, u.ticket_id, u.run, u.version, u.state, u.stop_reason, string_to_array(u.codes, ' '), u.turns, u.plans, u.agent,
       u.playbook, u.close::json, u.resolution::json, u.waiting_since, u.stopped_at, u.opened_at, u.actor
FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::text[])
     WITH ORDINALITY
     AS u (tenant_id, ticket_id, run, version, state, stop_reason, codes, turns, plans, agent, playbook, close, resolution, waiting_since,
           stopped_at, opened_at, actor, place)
ORDER BY u.place
