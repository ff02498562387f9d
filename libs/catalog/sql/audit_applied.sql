SELECT core.audit_applied($1::bigint)
