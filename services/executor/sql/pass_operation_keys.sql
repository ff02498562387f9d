-- From effects that people were shown to the ones they approved beside them.
UPDATE effect AS e
SET key_held = false, key_passed = true
FROM unnest($1::text[]) AS shown (idempotency_key)
WHERE e.idempotency_key = shown.idempotency_key AND e.key_held
