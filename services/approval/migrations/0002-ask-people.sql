-- One action before people: what they were shown, what they said, and what was signed because of it.

CREATE TABLE {{schema}}.approval (
    tenant_id     text NOT NULL,
    approval_id   uuid NOT NULL,          -- the executor's
    ticket_id     text NOT NULL,
    run           integer NOT NULL CHECK (run > 0),
    step          integer NOT NULL CHECK (step > 0),
    state         text NOT NULL CHECK (state IN ('requested', 'approved', 'denied', 'changes_requested', 'expired', 'withdrawn', 'consumed')),
    tool          text NOT NULL,
    operation_key text,
    action_digest      text NOT NULL CHECK (action_digest ~ '^[0-9a-f]{64}$'),
    requirement_digest text NOT NULL CHECK (requirement_digest ~ '^[0-9a-f]{64}$'),
    shown_digest       text NOT NULL CHECK (shown_digest ~ '^[0-9a-f]{64}$'),
    shown         jsonb NOT NULL,         -- everything a reviewer is shown: action, requirement, evidence, preview, …
    request       text NOT NULL,          -- the executor's signature over the three digests
    requested_at  timestamptz NOT NULL,
    expires_at    timestamptz,            -- absent: waits for ever; a whole second
    decided_at    timestamptz,            -- when it left `requested`
    people        text[] NOT NULL DEFAULT '{}',  -- whose decisions brought it where it is
    reason        text,                   -- theirs
    codes         text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, approval_id),
    CHECK ((state = 'requested') = (decided_at IS NULL)),
    CHECK (state NOT IN ('approved', 'consumed', 'denied', 'changes_requested') OR cardinality(people) > 0),
    CHECK (state NOT IN ('denied', 'changes_requested') OR reason IS NOT NULL),
    CHECK (state <> 'expired' OR expires_at IS NOT NULL),
    CHECK (expires_at > requested_at)
) WITH (fillfactor = 80);
CREATE INDEX approval_due ON {{schema}}.approval (expires_at) WHERE state = 'requested' AND expires_at IS NOT NULL;
CREATE INDEX approval_open ON {{schema}}.approval (requested_at) WHERE state = 'requested';
CREATE INDEX approval_ticket ON {{schema}}.approval (tenant_id, ticket_id);
CREATE INDEX approval_denied ON {{schema}}.approval (tenant_id, operation_key, decided_at) WHERE state = 'denied' AND operation_key IS NOT NULL;

-- The same table as libs/domain/approval.hpp: what has ended stays ended, whatever the program believes. Staying is not a move.
CREATE FUNCTION {{schema}}.refuse_illegal_move() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (OLD.state, NEW.state) IN (
      ('requested', 'approved'), ('requested', 'denied'), ('requested', 'changes_requested'), ('requested', 'expired'),
      ('requested', 'withdrawn'), ('approved', 'consumed'), ('approved', 'withdrawn'), ('approved', 'expired')) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an approval that is % cannot become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER approval_moves_forward BEFORE UPDATE ON {{schema}}.approval
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {{schema}}.refuse_illegal_move();

-- Every decision that came for a ticket, also what did not count. What nobody's signature holds for has no person.
CREATE TABLE {{schema}}.decision (
    tenant_id   text NOT NULL,
    decision_id uuid NOT NULL,
    approval_id uuid NOT NULL,            -- as the message named it; there need not be one
    ticket_id   text NOT NULL,
    realm       text NOT NULL,            -- whose topic it came by
    digest      text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),  -- of jws
    jws         text NOT NULL,
    person      text,
    issuer      text,                     -- 'person' where the person's own key signed
    kid         text,
    verb        text CHECK (verb IN ('approve', 'deny', 'request_changes')),
    reason      text,
    nonce       text,
    counted     boolean NOT NULL,
    code        text CHECK (code ~ '^[a-z][a-z0-9_]{0,63}$'),     -- why it did not count
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, decision_id),
    CHECK (counted = (code IS NULL)),
    CHECK (NOT counted OR (person IS NOT NULL AND issuer IS NOT NULL AND kid IS NOT NULL AND verb IS NOT NULL AND nonce IS NOT NULL))
);
CREATE INDEX decision_approval ON {{schema}}.decision (tenant_id, approval_id);
CREATE INDEX decision_digest ON {{schema}}.decision (tenant_id, digest);
-- One person, one vote; one issuer vouches for one person.
CREATE UNIQUE INDEX decision_person ON {{schema}}.decision (tenant_id, approval_id, person) WHERE counted AND verb = 'approve';
CREATE UNIQUE INDEX decision_issuer ON {{schema}}.decision (tenant_id, approval_id, issuer)
    WHERE counted AND verb = 'approve' AND issuer <> 'person';

-- Never partitioned by time: a nonce must stay spent.
CREATE TABLE {{schema}}.spent_nonce (
    tenant_id   text NOT NULL,
    nonce       text NOT NULL CHECK (length(nonce) BETWEEN 16 AND 64),
    decision_id uuid NOT NULL,
    digest      text NOT NULL,            -- of the decision it was spent on: the same one again is a duplicate
    PRIMARY KEY (tenant_id, nonce),
    FOREIGN KEY (tenant_id, decision_id) REFERENCES {{schema}}.decision
);

-- Every countersignature that was ever made. Never partitioned by time either.
CREATE TABLE {{schema}}.countersignature (
    tenant_id   text NOT NULL,
    jti         uuid NOT NULL,
    approval_id uuid NOT NULL,
    kid         text NOT NULL,
    token       text NOT NULL,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > issued_at),
    again       boolean NOT NULL,         -- made because an earlier one came too late
    consumed_at timestamptz,
    PRIMARY KEY (tenant_id, jti),
    FOREIGN KEY (tenant_id, approval_id) REFERENCES {{schema}}.approval
);
CREATE INDEX countersignature_approval ON {{schema}}.countersignature (tenant_id, approval_id);

-- One row per move, and per countersignature made again; the ids are those of the messages it owed, on `approvals` and on `verdicts`.
CREATE TABLE {{schema}}.approval_history (
    id          uuid NOT NULL PRIMARY KEY,
    batch_id    uuid NOT NULL,
    tenant_id   text NOT NULL,
    approval_id uuid NOT NULL,
    old_state   text,
    new_state   text NOT NULL,
    people      text[] NOT NULL,
    codes       text[] NOT NULL,
    outbox_id   uuid,
    verdict_id  uuid
) PARTITION BY RANGE (id);
SELECT core.partition_by_day('{{schema}}', 'approval_history', 'uuid7', 400);

-- What was shown, said and signed cannot be altered afterwards, not by the service either.
GRANT SELECT, INSERT, UPDATE (state, decided_at, people, reason, codes) ON {{schema}}.approval TO {{role}};
GRANT SELECT, INSERT ON {{schema}}.decision, {{schema}}.spent_nonce, {{schema}}.approval_history TO {{role}};
GRANT SELECT, INSERT, UPDATE (consumed_at) ON {{schema}}.countersignature TO {{role}};
