-- A ready one has its result and is dead; a leased one is left to its lane, and is not tried again.
UPDATE delivery d
SET withdrawn = true, result_id = w.result_id,
    state = CASE WHEN d.state = 'ready' THEN 'dead' ELSE d.state END,
    end_code = CASE WHEN d.state = 'ready' THEN 'withdrawn' END,
    ended_at = CASE WHEN d.state = 'ready' THEN now() END
FROM unnest($1::uuid[], $2::uuid[]) AS w (id, result_id)
WHERE d.id = w.id
