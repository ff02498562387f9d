SELECT pg_try_advisory_lock(hashtext('countersign.relay.' || $1::text))
