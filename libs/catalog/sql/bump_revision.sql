UPDATE core.configuration SET revision = revision + 1 RETURNING revision
