-- The facts of a ticket are wanted only where a plan has to be worded from them.
SELECT c.tenant_id, c.ticket_id, c.version, c.status, c.ended_version, c.proposed_version, c.proposed_after, c.run, c.step, c.done,
       c.plan::text, CASE WHEN c.plan IS NULL THEN c.requester::text END, CASE WHEN c.plan IS NULL THEN c.actor::text END,
       CASE WHEN c.plan IS NULL THEN c.instruction END, CASE WHEN c.plan IS NULL THEN c.subject END, CASE WHEN c.plan IS NULL THEN c.body END,
       CASE WHEN c.plan IS NULL THEN c.fields::text END
FROM unnest($1::text[], $2::text[]) AS wanted(tenant_id, ticket_id)
JOIN conversation c ON c.tenant_id = wanted.tenant_id AND c.ticket_id = wanted.ticket_id
