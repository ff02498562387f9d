INSERT INTO ticket_event (tenant_id, ticket_id, source, event_id, digest, version, type, waiting)
SELECT u.tenant_id, u.ticket_id, u.source, u.event_id, u.digest, u.version, u.type, u.waiting::jsonb
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[], $8::text[])
     AS u (tenant_id, ticket_id, source, event_id, digest, version, type, waiting)
ORDER BY u.tenant_id, u.source, u.event_id
