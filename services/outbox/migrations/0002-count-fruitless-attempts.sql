-- How long an endpoint has taken nothing, whatever it answered: after days of that it is disabled, as if it had said 410 Gone.

ALTER TABLE {{schema}}.endpoint_state
    ADD COLUMN fruitless     integer NOT NULL DEFAULT 0 CHECK (fruitless >= 0),  -- attempts since the last 2xx
    ADD COLUMN failing_since timestamptz;                                        -- the first of them
