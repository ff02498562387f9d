-- Waits for an orphaned backend that still holds the id; inserting means that the batch never committed and never will.
INSERT INTO batch (id, stage, incarnation, void) VALUES ($1::uuid, $2::text, $3::uuid, true)
ON CONFLICT (id) DO NOTHING
