-- Configuration documents: what the fleet is told about tenants, tools, policies and endpoints. Every version stays; one is active.

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_service') THEN
    CREATE ROLE countersign_service NOLOGIN;
  END IF;
END $$;

CREATE TABLE core.document (
    tenant_id  text NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),  -- '*': of no tenant, or for all
    kind       text NOT NULL CHECK (kind IN ('tenant', 'realm', 'constant', 'endpoint', 'tool', 'policy', 'playbook')),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    version    bigint NOT NULL CHECK (version > 0),
    body       jsonb NOT NULL,
    digest     text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the canonical JSON of body
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, kind, name, version)
);

-- What was decided under a version must stay readable for ever.
CREATE FUNCTION core.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER document_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.document
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

CREATE TABLE core.activation (
    tenant_id    text NOT NULL,
    kind         text NOT NULL,
    name         text NOT NULL,
    version      bigint NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, kind, name),
    FOREIGN KEY (tenant_id, kind, name, version) REFERENCES core.document
);

-- One row. Its revision moves with every change, so that a service sees at a glance whether to read again.
CREATE TABLE core.configuration (
    the_only_row boolean PRIMARY KEY DEFAULT true CHECK (the_only_row),
    revision     bigint NOT NULL CHECK (revision >= 0)
);
INSERT INTO core.configuration (revision) VALUES (0);

-- Who changed what: one row per activated document and revision.
CREATE TABLE core.applied (
    revision   bigint NOT NULL,
    tenant_id  text NOT NULL,
    kind       text NOT NULL,
    name       text NOT NULL,
    version    bigint NOT NULL,
    digest     text NOT NULL,
    actor      text NOT NULL CHECK (length(actor) BETWEEN 1 AND 256),
    applied_by name NOT NULL DEFAULT session_user,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (revision, tenant_id, kind, name, version)
);
CREATE TRIGGER applied_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.applied
    FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

GRANT USAGE ON SCHEMA core TO countersign_service;
GRANT SELECT ON core.document, core.activation, core.configuration, core.applied TO countersign_service;
