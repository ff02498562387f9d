SELECT void FROM batch WHERE id = $1::uuid
