UPDATE effect AS e
SET key_held = false
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, operation_key)
WHERE e.tenant_id = wanted.tenant_id AND e.operation_key = wanted.operation_key
  AND e.key_held AND e.state = 'succeeded' AND e.held_until <= clock_timestamp()
