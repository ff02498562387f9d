WITH waiting AS (
    SELECT 'planner' AS service, 'outbox' AS place, created_at AS since FROM planner.outbox UNION ALL
    SELECT 'executor', 'outbox', created_at FROM executor.outbox UNION ALL
    SELECT 'approval', 'outbox', created_at FROM approval.outbox UNION ALL
    SELECT 'outbox', 'outbox', created_at FROM outbox.outbox UNION ALL
    SELECT 'planner', 'parked', parked_at FROM planner.parked UNION ALL
    SELECT 'executor', 'parked', parked_at FROM executor.parked UNION ALL
    SELECT 'approval', 'parked', parked_at FROM approval.parked UNION ALL
    SELECT 'outbox', 'parked', parked_at FROM outbox.parked
)
SELECT service, place, count(*), extract(epoch FROM clock_timestamp() - min(since))::float8
FROM waiting GROUP BY service, place ORDER BY service, place
