SELECT json_build_object(
         'step', s.step, 'plan', s.plan, 'name', s.name, 'tool', s.tool, 'tool_version', s.tool_version, 'risk', s.risk, 'state', s.state,
         'proposed', s.proposed, 'arguments', s.arguments, 'origins', s.origins, 'decision', s.decision, 'codes', s.codes,
         'calls', s.sent, 'result', e.result,
         'why', (
             -- What the rules that bore on it say, in the versions that were active then.
             SELECT json_agg(json_build_object('rule', said.id, 'sentence', said.sentence, 'citation', said.citation) ORDER BY said.id)
             FROM (SELECT DISTINCT ON (r.id) r.id, r.sentence, r.citation
                   FROM core.document d
                   JOIN core.applied a USING (tenant_id, kind, name, version),
                        jsonb_to_recordset(d.body -> 'rules') AS r (id text, sentence text, citation text)
                   WHERE d.tenant_id = s.tenant_id AND d.kind = 'policy' AND r.id IN (SELECT json_array_elements_text(s.decision -> 'rules'))
                     AND a.revision <= coalesce((s.decision ->> 'configuration')::bigint, a.revision)
                   ORDER BY r.id, a.revision DESC) said))::text
FROM executor.step s
LEFT JOIN executor.evidence e USING (tenant_id, ticket_id, run, step)
WHERE s.tenant_id = $1::text AND s.ticket_id = $2::text AND s.run = $3::integer
ORDER BY s.step
