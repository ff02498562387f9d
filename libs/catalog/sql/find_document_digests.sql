SELECT d.tenant_id, d.kind, d.name, d.version, d.digest
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS wanted(tenant_id, kind, name, version)
  JOIN core.document d USING (tenant_id, kind, name, version)
