-- Messages to customers are deliveries too: the same claims, leases and attempts, another channel.

ALTER TABLE {{schema}}.delivery
    ADD COLUMN channel    text NOT NULL DEFAULT 'webhook' CHECK (channel IN ('webhook', 'email')),
    ADD COLUMN run        integer,                          -- of the step that waits for the message; mail only, as all that follows
    ADD COLUMN step       integer,
    ADD COLUMN withdrawn  boolean NOT NULL DEFAULT false,   -- not to be tried again
    ADD COLUMN maybe_sent boolean NOT NULL DEFAULT false,   -- an attempt ended after the final dot and before the answer
    ADD COLUMN end_code   text,                             -- why it is dead
    ADD COLUMN result_id  uuid,                             -- ce_id of the one result that was owed for it
    -- An endpoint is named by its document, a mailbox as mailbox:NAME; no name of a document has a colon.
    ADD CHECK ((channel = 'email') = (endpoint LIKE 'mailbox:%')),
    ADD CHECK (channel = 'webhook' OR (run IS NOT NULL AND step IS NOT NULL AND (ended_at IS NULL) = (result_id IS NULL)
                                       AND (state = 'dead') = (end_code IS NOT NULL)));

-- message_id is the message's own: it is delivered once, whatever mailbox it names.
CREATE UNIQUE INDEX delivery_mail ON {{schema}}.delivery (tenant_id, message_id) WHERE channel = 'email';
CREATE INDEX delivery_mail_due ON {{schema}}.delivery (due_at) WHERE channel = 'email' AND state = 'ready';
