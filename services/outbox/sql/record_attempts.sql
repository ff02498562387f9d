-- Ends claims whose token still stands, and writes down the attempts that were made under them, but for the one that delivered: that is
-- told by the delivery itself and by the audit. Only a leased row has a token; to ask for the state as well would invite the planner to
-- read all leased rows for each report.
WITH report AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::text[], $7::integer[], $8::text[],
                         $9::timestamptz[], $11::boolean[], $12::text[], $13::uuid[])
         AS r (id, token, attempt_id, outcome, status, error, millis, state, due_at, maybe_sent, end_code, result_id)
), moved AS (
    UPDATE delivery d
    SET state = r.state, due_at = coalesce(r.due_at, d.due_at),
        attempts = d.attempts + CASE WHEN r.outcome IN ('called_off', 'lease_ended') THEN 0 ELSE 1 END,
        lapses = d.lapses + CASE WHEN r.outcome = 'lease_ended' THEN 1 ELSE 0 END,
        token = NULL, lease_until = NULL, claimed_by = NULL, last_status = r.status, last_error = r.error,
        ended_at = CASE WHEN r.state <> 'ready' THEN now() END,
        maybe_sent = d.maybe_sent OR r.maybe_sent, end_code = r.end_code, result_id = r.result_id
    FROM report r
    WHERE d.id = r.id AND d.token = r.token
    RETURNING d.tenant_id, d.attempts + d.lapses AS number, r.*
), written AS (
    INSERT INTO attempt (id, batch_id, delivery_id, tenant_id, number, outcome, status, error, millis)
    SELECT m.attempt_id, $10::uuid, m.id, m.tenant_id, m.number, m.outcome, m.status, m.error, m.millis
    FROM moved m
    WHERE m.outcome NOT IN ('called_off', 'delivered')
)
SELECT m.id, m.number FROM moved m
