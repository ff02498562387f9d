-- Without `shown` in hand an approval is known to have a row.
INSERT INTO approval AS a (tenant_id, ticket_id, run, step, asked, approval_id, stage, action, action_digest, requirement,
                           requirement_digest, shown, drift_digest, countersignature, jti, cleared_until, renewals, looks, requested_at,
                           due_at, token, lease_until)
SELECT u.tenant_id, u.ticket_id, u.run, u.step, u.asked, u.approval_id, u.stage, u.action::jsonb, u.action_digest, u.requirement::jsonb,
       u.requirement_digest, coalesce(u.shown, 'null')::jsonb, u.drift_digest, u.countersignature, u.jti, u.cleared_until, u.renewals,
       u.looks, u.requested_at, u.due_at, u.token, u.lease_until
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::uuid[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[], $17::integer[],
            $18::integer[], $19::timestamptz[], $20::timestamptz[], $21::uuid[], $22::timestamptz[])
     AS u (tenant_id, ticket_id, run, step, asked, approval_id, stage, action, action_digest, requirement, requirement_digest, shown,
           drift_digest, countersignature, jti, cleared_until, renewals, looks, requested_at, due_at, token, lease_until)
ON CONFLICT (tenant_id, ticket_id, run, step, asked) DO UPDATE
SET stage = excluded.stage, action = excluded.action, action_digest = excluded.action_digest, requirement = excluded.requirement,
    requirement_digest = excluded.requirement_digest,
    shown = CASE WHEN excluded.shown = 'null'::jsonb THEN a.shown ELSE excluded.shown END, drift_digest = excluded.drift_digest,
    countersignature = excluded.countersignature, jti = excluded.jti, cleared_until = excluded.cleared_until,
    renewals = excluded.renewals, looks = excluded.looks, due_at = excluded.due_at, token = excluded.token,
    lease_until = excluded.lease_until
