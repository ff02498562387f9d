WITH letters AS (
    SELECT 'planner' AS service, d.* FROM planner.dead_letter d UNION ALL
    SELECT 'executor', d.* FROM executor.dead_letter d UNION ALL
    SELECT 'approval', d.* FROM approval.dead_letter d UNION ALL
    SELECT 'outbox', d.* FROM outbox.dead_letter d
), readable AS (
    -- A key may be any bytes; those that are no text are shown in hexadecimal.
    SELECT *, CASE WHEN key IS NULL THEN NULL WHEN encode(key, 'escape') ~ '\\[0-9]{3}' THEN encode(key, 'hex') ELSE encode(key, 'escape') END AS key_text
    FROM letters
)
SELECT json_build_object(
         'service', service, 'group', group_name, 'log', topic || '/' || partition || ':' || log_offset, 'topic', topic, 'partition', partition,
         'offset', log_offset, 'key', key_text, 'reason', reason, 'detail', detail,
         'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text
FROM readable
WHERE ($1::text = '' OR service = $1::text) AND ($2::text = '' OR split_part(key_text, '/', 1) = $2::text)
ORDER BY created_at DESC, topic, partition, log_offset
LIMIT $3::bigint
