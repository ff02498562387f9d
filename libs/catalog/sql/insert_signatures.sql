-- Once each.
INSERT INTO core.signature (tenant_id, kind, name, version, person, jws, jws_sha256)
SELECT tenant_id, kind, name, version, person, jws, sha256(convert_to(jws, 'UTF8'))
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
       AS given(tenant_id, kind, name, version, person, jws)
ON CONFLICT DO NOTHING
