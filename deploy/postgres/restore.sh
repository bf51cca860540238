#!/bin/sh
# Restores a dump into a fresh database, beside the running one, or in its place. Run it as the superuser, in `db`:
#
#   restore.sh DUMP NAME             into a new database NAME, to look at it
#   restore.sh DUMP pazpaz --replace  over the application's own; stop the API first
#
# The roles stay as deploy/postgres/init makes them, which is run on the new database first.
set -eu
dump=$1
name=$2
init=${INIT_FOLDER:-/docker-entrypoint-initdb.d}
case $name in '' | *[!a-z0-9_]*) echo "restore: a database's name takes small letters, digits and underscores" >&2 && exit 2 ;; esac
if [ "${3:-}" = --replace ]; then
  dropdb --if-exists --force "$name"
fi
createdb "$name"
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$name" --file="$init/10-roles.sql"
# What the init script has made stands in the dump as well: the extension and the schema public.
pg_restore --list "$dump" | grep -v -e 'EXTENSION - pg_stat_statements' -e 'COMMENT - EXTENSION pg_stat_statements' \
  -e 'SCHEMA - public' -e 'COMMENT - SCHEMA public' >"${TMPDIR:-/tmp}/restore.list"
pg_restore --exit-on-error --no-owner --role=pazpaz --use-list="${TMPDIR:-/tmp}/restore.list" --dbname="$name" "$dump"
echo "restore: $name holds $(basename "$dump")"
