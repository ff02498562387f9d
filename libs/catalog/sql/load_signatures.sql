SELECT tenant_id, kind, name, version, person, jws
  FROM core.signature
 ORDER BY tenant_id, kind, name, version, person
