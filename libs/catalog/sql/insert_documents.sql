INSERT INTO core.document (tenant_id, kind, name, version, body, digest)
SELECT tenant_id, kind, name, version, body::jsonb, digest
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[]) AS given(tenant_id, kind, name, version, body, digest)
