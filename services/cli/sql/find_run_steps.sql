SELECT json_build_object(
         'step', s.step, 'plan', s.plan, 'name', s.name, 'tool', s.tool, 'tool_version', s.tool_version, 'risk', s.risk, 'state', s.state,
         'proposed', s.proposed, 'arguments', s.arguments, 'origins', s.origins, 'decision', s.decision, 'codes', s.codes,
         'calls', s.sent, 'result', e.result)::text
FROM executor.step s
LEFT JOIN executor.evidence e USING (tenant_id, ticket_id, run, step)
WHERE s.tenant_id = $1::text AND s.ticket_id = $2::text AND s.run = $3::integer
ORDER BY s.step
