#!/bin/sh
# Dumps the database into BACKUP_FOLDER, now and every BACKUP_EVERY_SECONDS, and forgets what is older than
# BACKUP_KEEP_DAYS. A dump has its name only once pg_restore has read it to its end. When the last one was made is
# written for node-exporter; Prometheus' alert BackupTooOld reads it.
#
#   backup.sh           for ever
#   backup.sh once      one dump
#   backup.sh check     exit code 0 while the newest dump is no older than it may be
#
# The connection is libpq's (PGHOST, PGUSER, PGDATABASE), the password a file. A dump is patient data.
set -eu
umask 077
folder=${BACKUP_FOLDER:-/var/lib/postgresql}
metrics=${METRICS_FOLDER:-/var/run/postgresql}
every=${BACKUP_EVERY_SECONDS:-86400}
days=${BACKUP_KEEP_DAYS:-14}

# The roles' schemas and the extension in them are the superuser's: deploy/postgres/init makes them anew.
dump() {
  PGPASSWORD=$(head -n 1 "${PASSWORD_FILE:?}")
  export PGPASSWORD
  new="$folder/pazpaz-$(date -u +%Y%m%dT%H%M%SZ).dump"
  pg_dump --format=custom --no-owner --no-privileges --exclude-schema=monitoring --exclude-schema=extensions \
    --file="$new.part" && pg_restore --file=/dev/null "$new.part" && mv "$new.part" "$new" || {
    rm -f "$new.part"
    return 1
  }
  bytes=$(wc -c <"$new")
  now=$(date +%s)
  {
    echo "# TYPE pazpaz_backup_last_success_timestamp_seconds gauge"
    echo "pazpaz_backup_last_success_timestamp_seconds $now"
    echo "# TYPE pazpaz_backup_size_bytes gauge"
    echo "pazpaz_backup_size_bytes $((bytes))"
  } >"$metrics/backup.prom.new"
  chmod 644 "$metrics/backup.prom.new"
  mv "$metrics/backup.prom.new" "$metrics/backup.prom"
  echo "backup: $((bytes)) bytes in $(basename "$new")"
  find "$folder" -maxdepth 1 -name 'pazpaz-*.dump' -mtime "+$((days - 1))" -exec rm -f {} +
}

case ${1:-} in
check)
  # Half an hour over: the dump itself takes its time.
  newest=$(find "$folder" -maxdepth 1 -name 'pazpaz-*.dump' -mmin "-$((every / 60 + 30))" | head -n 1)
  [ -n "$newest" ]
  ;;
once) dump ;;
*)
  trap 'exit 0' TERM INT
  while true; do
    pause=$every
    if ! dump; then
      echo "backup: failed, tried again within ten minutes" >&2
      [ "$pause" -lt 600 ] || pause=600
    fi
    sleep "$pause" &
    wait $! || true
  done
  ;;
esac
