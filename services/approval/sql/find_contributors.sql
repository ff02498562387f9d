SELECT DISTINCT person
FROM approval, unnest(people) AS contributor(person)
WHERE tenant_id = $1::text AND ticket_id = $2::text AND state = 'changes_requested' AND approval_id <> $3::uuid
