-- Who may decide, what is demanded of them, and how customers are written to; and the signatures by which people vouch for people.

ALTER TABLE core.document DROP CONSTRAINT document_kind_check;
ALTER TABLE core.document ADD CONSTRAINT document_kind_check
    CHECK (kind IN ('tenant', 'realm', 'constant', 'endpoint', 'tool', 'policy', 'playbook', 'floor', 'person', 'issuer', 'template',
                    'mailbox')) NOT VALID;
ALTER TABLE core.document VALIDATE CONSTRAINT document_kind_check;

-- What is written here is not believed for being here: readers verify each signature (libs/catalog/trust.hpp).
CREATE TABLE core.signature (
    tenant_id  text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('person', 'issuer')),
    name       text NOT NULL,
    version    bigint NOT NULL,
    person     text NOT NULL CHECK (length(person) BETWEEN 1 AND 128),  -- who signed
    jws        text NOT NULL CHECK (length(jws) BETWEEN 1 AND 16384),   -- compact, type change+jwt
    jws_sha256 bytea NOT NULL,                                          -- a useless signature does not stand in the way of a good one
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, kind, name, version, person, jws_sha256),
    FOREIGN KEY (tenant_id, kind, name, version) REFERENCES core.document
);
CREATE TRIGGER signature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.signature
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

GRANT SELECT ON core.signature TO countersign_service;

-- One audit entry per document that the revision brought, where the fleet's audit is there and the session's role may write it. A function,
-- because the audit's schema is made later than this one.
CREATE FUNCTION core.audit_applied(of_revision bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  entries regclass := to_regclass('audit.entry');
  batch   uuid := gen_random_uuid();
BEGIN
  IF entries IS NULL OR NOT has_schema_privilege('audit', 'USAGE') OR NOT has_any_column_privilege(entries, 'INSERT') THEN
    RETURN false;
  END IF;
  -- A UUIDv7: the moment of today's partition, the version, and random bits.
  INSERT INTO audit.entry (id, batch_id, tenant_id, event, detail)
  SELECT (left(core.uuid7_floor(clock_timestamp())::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid, batch, a.tenant_id,
         'configuration_applied',
         jsonb_build_object('kind', a.kind, 'name', a.name, 'version', a.version, 'digest', a.digest, 'revision', a.revision,
                            'actor', a.actor)
    FROM core.applied a
   WHERE a.revision = of_revision;
  RETURN true;
END
$$;
