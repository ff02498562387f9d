-- What people are asked about a step, and what came of it. Stages spell the machine of libs/domain/approval_stage.hpp; a test compares them.

CREATE TABLE {{schema}}.approval (
    tenant_id          text NOT NULL,
    ticket_id          text NOT NULL,
    run                integer NOT NULL,
    step               integer NOT NULL,
    asked              integer NOT NULL CHECK (asked > 0),  -- how often people were asked about this step, this time included
    approval_id        uuid NOT NULL,
    stage              text NOT NULL CHECK (stage IN ('previewing', 'requested', 'granted', 'cleared', 'renewing', 'consumed', 'denied',
                                                      'changes_requested', 'expired', 'withdrawn')),
    action             jsonb NOT NULL,
    action_digest      text NOT NULL,
    requirement        jsonb NOT NULL,
    requirement_digest text NOT NULL,
    shown              jsonb NOT NULL,         -- all that people see
    drift_digest       text,                   -- of what must be the same when the call is made; null: the tool has no preview
    countersignature   text,
    jti                text,                   -- of the countersignature
    cleared_until      timestamptz,            -- until when what was read counts as fresh; null: there is nothing to read
    renewals           integer NOT NULL DEFAULT 0,
    looks              integer NOT NULL DEFAULT 0,  -- reads of the target that failed in a row
    requested_at       timestamptz NOT NULL,
    due_at             timestamptz,            -- when the target is to be read
    token              uuid,                   -- of the read under way; what is found under another is dropped
    lease_until        timestamptz,            -- of that read
    PRIMARY KEY (tenant_id, ticket_id, run, step, asked),
    UNIQUE (approval_id),
    CHECK (stage NOT IN ('granted', 'cleared', 'consumed') OR (countersignature IS NOT NULL AND jti IS NOT NULL)),
    CHECK ((token IS NULL) = (lease_until IS NULL))
) WITH (fillfactor = 60);
CREATE INDEX approval_to_look ON {{schema}}.approval (due_at) WHERE stage IN ('previewing', 'granted');
CREATE INDEX approval_waiting ON {{schema}}.approval (requested_at) WHERE stage IN ('requested', 'renewing');

-- Every countersignature that a claim has used, for ever: none is used for two effects.
CREATE TABLE {{schema}}.countersignature (
    tenant_id   text NOT NULL,
    jti         text NOT NULL,
    ticket_id   text NOT NULL,
    run         integer NOT NULL,
    step        integer NOT NULL,
    approval_id uuid NOT NULL,
    used_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, jti)
);

-- An operation key that people gave to another effect, having seen the one that held it. It never comes back.
ALTER TABLE {{schema}}.effect ADD COLUMN key_passed boolean NOT NULL DEFAULT false;
ALTER TABLE {{schema}}.effect DROP CONSTRAINT effect_check;
ALTER TABLE {{schema}}.effect ADD CONSTRAINT effect_key_held
    CHECK (operation_key IS NULL OR key_held OR key_passed OR state NOT IN ('claimed', 'unknown')) NOT VALID;
ALTER TABLE {{schema}}.effect VALIDATE CONSTRAINT effect_key_held;
ALTER TABLE {{schema}}.effect ADD CONSTRAINT effect_key_passed CHECK (NOT (key_held AND key_passed)) NOT VALID;
ALTER TABLE {{schema}}.effect VALIDATE CONSTRAINT effect_key_passed;

ALTER TABLE {{schema}}.history DROP CONSTRAINT history_what_check;
ALTER TABLE {{schema}}.history ADD CONSTRAINT history_what_check CHECK (what IN ('ticket', 'run', 'step', 'effect', 'approval'));

GRANT SELECT, INSERT, UPDATE, DELETE ON {{schema}}.approval TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.countersignature TO {{role}};
