SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(parked_at)), 0)::float8 FROM parked WHERE topic = $1::text
