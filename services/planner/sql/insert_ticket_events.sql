INSERT INTO ticket_event (tenant_id, ticket_id, source, event_id, digest, version, type, waiting)
SELECT tenant_id, ticket_id, source, event_id, digest, version, type, waiting::jsonb
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[], $8::text[])
    AS heard(tenant_id, ticket_id, source, event_id, digest, version, type, waiting)
