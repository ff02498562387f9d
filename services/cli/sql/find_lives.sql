-- How many seconds each lease of the last day still runs, or how long it has been over.
WITH lives AS (
    SELECT 'planner' AS service, instance, lease_until FROM planner.incarnation UNION ALL
    SELECT 'executor', instance, lease_until FROM executor.incarnation UNION ALL
    SELECT 'approval', instance, lease_until FROM approval.incarnation UNION ALL
    SELECT 'outbox', instance, lease_until FROM outbox.incarnation
)
SELECT service, instance, extract(epoch FROM lease_until - clock_timestamp())::float8
FROM lives WHERE lease_until > clock_timestamp() - interval '1 day'
