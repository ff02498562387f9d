SELECT revision FROM core.configuration
