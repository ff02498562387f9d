INSERT INTO handoff AS h (tenant_id, handoff_id, ticket_id, run, state, reason, codes, priority, summary, effects, referral_id, opened_at)
SELECT tenant_id, handoff_id, ticket_id, run, state, reason, ARRAY(SELECT jsonb_array_elements_text(codes::jsonb)), priority, summary,
       effects::jsonb, referral_id, opened_at
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::uuid[], $12::timestamptz[])
    AS written(tenant_id, handoff_id, ticket_id, run, state, reason, codes, priority, summary, effects, referral_id, opened_at)
ON CONFLICT (tenant_id, handoff_id) DO UPDATE SET
    run = excluded.run, state = excluded.state, codes = excluded.codes, priority = excluded.priority, effects = excluded.effects
