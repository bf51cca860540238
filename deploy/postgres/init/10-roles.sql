-- Roles and what each may see. Run by the image on an empty data folder; safe to run again, which is also how a
-- password is changed: replace the file in secrets/, then
--   docker compose -f docker-compose.prod.yml exec db psql -d pazpaz -f /docker-entrypoint-initdb.d/10-roles.sql
--
--   pazpaz             the application: owns its database, nothing else
--   pazpaz_exporter    postgres-exporter: counts and times, never a query, a parameter, an address or a row
--   pazpaz_statistics  cannot log in; owns the functions below, through which the exporter sees other sessions
--
-- Not pg_monitor: that role reads pg_stat_activity.query, where other sessions' literals stand.
\set ON_ERROR_STOP on
\set app_password `cat "${SECRETS_DIR:-/run/secrets}/postgres_app_password"`
\set exporter_password `cat "${SECRETS_DIR:-/run/secrets}/postgres_exporter_password"`

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['pazpaz', 'pazpaz_exporter', 'pazpaz_statistics']) AS name
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) \gexec

SET password_encryption = 'scram-sha-256';
ALTER ROLE pazpaz LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
ALTER ROLE pazpaz_exporter LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 5 PASSWORD :'exporter_password';
ALTER ROLE pazpaz_statistics NOLOGIN;
GRANT pg_read_all_stats TO pazpaz_statistics;
-- A server keeps LOG lines (postgresql.conf); a session of the application has none that it may add: RAISE LOG.
ALTER ROLE pazpaz SET log_min_messages = fatal;

SELECT format('ALTER DATABASE %I OWNER TO pazpaz', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO pazpaz, pazpaz_exporter', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO pazpaz;

-- The extension's own view shows query texts, so it lives where only the statistics' owner gets in.
CREATE SCHEMA IF NOT EXISTS extensions;
CREATE SCHEMA IF NOT EXISTS monitoring;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO pazpaz_statistics;
GRANT USAGE ON SCHEMA monitoring TO pazpaz_statistics, pazpaz_exporter;

-- Whatever the caller asks for, no text: the exporter writes pg_stat_statements(…) and finds this one first.
CREATE OR REPLACE FUNCTION monitoring.pg_stat_statements(showtext boolean)
RETURNS SETOF extensions.pg_stat_statements
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$ SELECT * FROM extensions.pg_stat_statements(false) $$;

-- The columns that are counted and timed. application_name is the client's own text, so it stays behind as well.
CREATE OR REPLACE FUNCTION monitoring.sessions()
RETURNS TABLE (
  datid oid, datname name, pid integer, usename name, application_name text, backend_start timestamptz,
  xact_start timestamptz, query_start timestamptz, state_change timestamptz, wait_event_type text, wait_event text,
  state text, query text, backend_type text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
  SELECT datid, datname, pid, usename, ''::text, backend_start, xact_start, query_start, state_change,
         wait_event_type, wait_event, state, NULL::text, backend_type
  FROM pg_catalog.pg_stat_activity
$$;

ALTER FUNCTION monitoring.pg_stat_statements(boolean) OWNER TO pazpaz_statistics;
ALTER FUNCTION monitoring.sessions() OWNER TO pazpaz_statistics;
REVOKE ALL ON FUNCTION monitoring.pg_stat_statements(boolean), monitoring.sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION monitoring.pg_stat_statements(boolean), monitoring.sessions() TO pazpaz_exporter;

CREATE OR REPLACE VIEW monitoring.pg_stat_statements AS SELECT * FROM monitoring.pg_stat_statements(false);
CREATE OR REPLACE VIEW monitoring.pg_stat_activity AS SELECT * FROM monitoring.sessions();
GRANT SELECT ON monitoring.pg_stat_statements, monitoring.pg_stat_activity TO pazpaz_exporter;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO pazpaz_exporter;
ALTER ROLE pazpaz_exporter SET search_path = monitoring, pg_catalog;
ALTER ROLE pazpaz_exporter SET statement_timeout = '10s';
ALTER ROLE pazpaz_exporter SET default_transaction_read_only = on;
