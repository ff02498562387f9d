-- A key's counters outlive everything that has the key. A restore that lacks some lacks many: $1 rows of each table tell.
SELECT 'planner', 'conversation', count(*), coalesce(min(t.tenant_id || '/' || t.ticket_id), '')
FROM (SELECT tenant_id, ticket_id FROM planner.conversation LIMIT $1::bigint) t
WHERE NOT EXISTS (SELECT FROM planner.key_state k WHERE k.key = t.tenant_id || '/' || t.ticket_id) UNION ALL
SELECT 'executor', 'ticket', count(*), coalesce(min(t.tenant_id || '/' || t.ticket_id), '')
FROM (SELECT tenant_id, ticket_id FROM executor.ticket LIMIT $1::bigint) t
WHERE NOT EXISTS (SELECT FROM executor.key_state k WHERE k.key = t.tenant_id || '/' || t.ticket_id) UNION ALL
SELECT 'approval', 'approval', count(*), coalesce(min(t.tenant_id || '/' || t.ticket_id), '')
FROM (SELECT tenant_id, ticket_id FROM approval.approval LIMIT $1::bigint) t
WHERE NOT EXISTS (SELECT FROM approval.key_state k WHERE k.key = t.tenant_id || '/' || t.ticket_id) UNION ALL
SELECT 'approval', 'handoff', count(*), coalesce(min(t.tenant_id || '/' || t.ticket_id), '')
FROM (SELECT tenant_id, ticket_id FROM approval.handoff LIMIT $1::bigint) t
WHERE NOT EXISTS (SELECT FROM approval.key_state k WHERE k.key = t.tenant_id || '/' || t.ticket_id) UNION ALL
SELECT 'outbox', 'delivery', count(*), coalesce(min(t.tenant_id || '/' || t.ticket_id), '')
FROM (SELECT tenant_id, ticket_id FROM outbox.delivery LIMIT $1::bigint) t
WHERE NOT EXISTS (SELECT FROM outbox.key_state k WHERE k.key = t.tenant_id || '/' || t.ticket_id)
