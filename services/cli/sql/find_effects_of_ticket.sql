SELECT run::bigint, step::bigint, tool, state, target, amount_minor, currency, operation
FROM executor.effect WHERE tenant_id = $1::text AND ticket_id = $2::text
ORDER BY run DESC, step DESC LIMIT 100
