-- Appliers take turns.
SELECT revision FROM core.configuration FOR UPDATE
