INSERT INTO decision (tenant_id, decision_id, approval_id, ticket_id, realm, digest, jws, person, issuer, kid, verb, reason, nonce, counted,
                      code, received_at)
SELECT tenant_id, decision_id, approval_id, ticket_id, realm, digest, jws, person, issuer, kid, verb, reason, nonce, code IS NULL, code,
       received_at
FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[])
    AS said(tenant_id, decision_id, approval_id, ticket_id, realm, digest, jws, person, issuer, kid, verb, reason, nonce, code, received_at)
