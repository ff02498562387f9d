INSERT INTO core.applied (revision, tenant_id, kind, name, version, digest, actor)
SELECT $1::bigint, tenant_id, kind, name, version, digest, $7::text
  FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) AS given(tenant_id, kind, name, version, digest)
