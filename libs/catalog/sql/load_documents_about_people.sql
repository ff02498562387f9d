-- Every version: which of them count is decided by who signed them, not by what is active.
SELECT kind, tenant_id, name, version, body::text AS body, digest
  FROM core.document
 WHERE kind IN ('person', 'issuer')
 ORDER BY tenant_id, kind, name, version
