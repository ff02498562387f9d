SELECT rolcanlogin, rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = $1::text
