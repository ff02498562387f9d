UPDATE outbox SET incarnation = $2::uuid WHERE incarnation = $1::uuid
