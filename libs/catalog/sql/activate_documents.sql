INSERT INTO core.activation AS a (tenant_id, kind, name, version)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (tenant_id, kind, name) DO UPDATE SET version = excluded.version, activated_at = clock_timestamp()
