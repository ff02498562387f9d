DELETE FROM incarnation i
WHERE lease_until < clock_timestamp() - interval '1 day' AND NOT EXISTS (SELECT FROM outbox o WHERE o.incarnation = i.id)
