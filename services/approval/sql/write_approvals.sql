UPDATE approval a
SET state = moved.state, decided_at = moved.decided_at, people = ARRAY(SELECT jsonb_array_elements_text(moved.people::jsonb)),
    reason = moved.reason, codes = ARRAY(SELECT jsonb_array_elements_text(moved.codes::jsonb))
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
    AS moved(tenant_id, approval_id, state, decided_at, people, reason, codes)
WHERE a.tenant_id = moved.tenant_id AND a.approval_id = moved.approval_id
