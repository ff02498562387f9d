-- One statement, so that revision and documents are of one moment. A row without kind when nothing is active.
SELECT c.revision, a.kind, a.tenant_id, a.name, a.version, a.body, a.digest
  FROM core.configuration c
  LEFT JOIN LATERAL (
       SELECT d.kind, d.tenant_id, d.name, d.version, d.body::text AS body, d.digest
         FROM core.activation n
         JOIN core.document d USING (tenant_id, kind, name, version)
        WHERE n.kind = ANY ($1::text[])) a ON true
 ORDER BY a.kind, a.tenant_id, a.name
