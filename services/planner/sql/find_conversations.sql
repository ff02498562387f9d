SELECT c.tenant_id, c.ticket_id, c.version, c.status, c.ended_version, c.proposed_version, c.proposed_after, c.realm, c.requester::text,
       c.actor::text, c.instruction, c.subject, c.body, c.fields::text
FROM unnest($1::text[], $2::text[]) AS wanted(tenant_id, ticket_id)
JOIN conversation c ON c.tenant_id = wanted.tenant_id AND c.ticket_id = wanted.ticket_id
