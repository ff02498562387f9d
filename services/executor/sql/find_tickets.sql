SELECT t.tenant_id, t.ticket_id, t.version, t.status, t.realm, t.requester::text, t.authenticated, t.subject, t.body, t.fields::text,
       t.runs_opened, t.ended_version, t.held_plan::text, t.held_version, t.actor::text, t.actor_authenticated, t.instruction
FROM unnest($1::text[], $2::text[]) AS k (tenant_id, ticket_id)
JOIN ticket t USING (tenant_id, ticket_id)
