SELECT 'planner', count(*) FROM planner.incarnation WHERE lease_until > clock_timestamp() UNION ALL
SELECT 'executor', count(*) FROM executor.incarnation WHERE lease_until > clock_timestamp() UNION ALL
SELECT 'approval', count(*) FROM approval.incarnation WHERE lease_until > clock_timestamp() UNION ALL
SELECT 'outbox', count(*) FROM outbox.incarnation WHERE lease_until > clock_timestamp()
