-- From effects that people were shown to the ones they approved beside them. 0017: IS NOT FALSE, so that the index of held keys is left alone.
UPDATE effect AS e
SET key_held = false, key_passed = true
FROM unnest($1::text[]) AS shown (idempotency_key)
WHERE e.idempotency_key = shown.idempotency_key AND e.key_held IS NOT FALSE
