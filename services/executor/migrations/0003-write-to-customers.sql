-- On whose authority a run acts, and what it was asked to do. A message step keeps the id of its message as the token of its claim.

ALTER TABLE {{schema}}.ticket ADD COLUMN actor jsonb, ADD COLUMN actor_authenticated boolean NOT NULL DEFAULT false,
    ADD COLUMN instruction text;
ALTER TABLE {{schema}}.run ADD COLUMN actor text;
