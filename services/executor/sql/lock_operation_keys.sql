-- In one order for everyone, so that two batches never wait for each other.
SELECT pg_advisory_xact_lock(k.lock)
FROM (SELECT DISTINCT hashtextextended(tenant_id || E'\n' || operation_key, 0) AS lock
      FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, operation_key)
      ORDER BY 1) AS k
