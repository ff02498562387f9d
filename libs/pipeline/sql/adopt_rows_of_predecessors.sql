-- Rows of this instance's earlier lives become ours, to be published before our first message.
UPDATE outbox SET incarnation = $2::uuid
WHERE incarnation IN (SELECT id FROM incarnation WHERE instance = $1::text AND id <> $2::uuid)
