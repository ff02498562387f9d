SELECT c.tenant_id, c.jti, c.ticket_id, c.run, c.step
FROM unnest($1::text[], $2::text[]) AS u (tenant_id, jti)
JOIN countersignature c USING (tenant_id, jti)
