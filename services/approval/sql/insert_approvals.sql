INSERT INTO approval (tenant_id, approval_id, ticket_id, run, step, state, tool, operation_key, action_digest, requirement_digest,
                      shown_digest, shown, request, requested_at, expires_at)
SELECT tenant_id, approval_id, ticket_id, run, step, 'requested', tool, operation_key, action_digest, requirement_digest, shown_digest,
       shown::jsonb, request, requested_at, expires_at
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[])
    AS asked(tenant_id, approval_id, ticket_id, run, step, tool, operation_key, action_digest, requirement_digest, shown_digest, shown,
             request, requested_at, expires_at)
