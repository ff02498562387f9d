SELECT key, inputs, outputs, parked FROM key_state WHERE key = ANY ($1::text[]) ORDER BY key COLLATE "C" FOR UPDATE
