-- On whose authority the run acts, and what it was told to do: playbooks match on both.

ALTER TABLE {{schema}}.conversation
    ADD COLUMN actor jsonb,
    ADD COLUMN instruction text;
