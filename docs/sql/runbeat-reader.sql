-- The role with which the exporter reads the bundled scheduler. Run this in the scheduler's database as a superuser.
-- Alternatively, a role that may create roles runs the first statement, and the owner of the schema "runbeat" the others.
-- Then set its password, which psql asks for:  \password runbeat_reader
CREATE ROLE runbeat_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 10;
GRANT USAGE ON SCHEMA runbeat TO runbeat_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA runbeat TO runbeat_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA runbeat GRANT SELECT ON TABLES TO runbeat_reader;
