-- The role with which Runbeat reads an Airflow. Run this as a role that may create roles: a superuser, a role with
-- CREATEROLE, or the master user of a managed PostgreSQL. The owner of Airflow's database usually may not.
-- Then set its password, which psql asks for:  \password runbeat_reader
CREATE ROLE runbeat_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 10;
