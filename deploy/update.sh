#!/bin/sh
# Applies what has changed in this checkout and in .env, and says for every service what it did. Run it after `git pull`,
# after an edit, after a renewed certificate; run again, it says "unchanged".
#
#   sh deploy/update.sh
#
# Images are built and containers made anew where Compose finds a change. A service whose mounted files changed reads
# them again (SIGHUP), or is restarted where its program can't. Nothing is touched if Prometheus' or Alertmanager's
# own checker, or nginx, refuses the new files. What was applied last is remembered in .applied/.
set -eu
cd "$(dirname "$0")/.."
compose="docker compose -f docker-compose.prod.yml"
memory=${APPLIED_FOLDER:-.applied}
mkdir -p "$memory"

for name in POLICY_FOLDER TLS_FOLDER; do
  line=$(sed -n "s/^$name=//p" .env 2>/dev/null | tail -n 1 | tr -d "\"'")
  [ -z "$line" ] || eval "$name=\$line"
done

# service, how it takes new files, and the folders that it mounts
services() {
  cat <<EOF
alertmanager hup monitoring/alertmanager
api restart deploy/api ${POLICY_FOLDER:-examples/practice_api}
backup restart deploy/postgres
blackbox-exporter restart monitoring/blackbox secrets/ca
db hup deploy/postgres
frontend hup deploy/nginx ${TLS_FOLDER:-secrets/tls}
grafana restart monitoring/grafana/provisioning
loki restart monitoring/loki
otel-collector restart collector
prometheus hup monitoring/prometheus
redis restart deploy/redis
tempo restart monitoring/tempo
EOF
}

state() { # of folders: their files' names and contents, in one word; links count as what they lead to
  find -L "$@" -type f ! -path '*/__pycache__/*' -exec sha256sum {} + 2>/dev/null | sort | sha256sum | cut -d' ' -f1
}

running() { $compose ps -q "$1" </dev/null 2>/dev/null || true; }

refused() {
  echo "update: nothing was changed: $1 refuses its new files" >&2
  exit 1
}

before=$(mktemp)
trap 'rm -f "$before"' EXIT
services | while read -r service _; do echo "$service $(running "$service")"; done >"$before"

# The programs of the new images judge the new files: what one reads, the one before it may refuse.
check() { # service, program, its arguments
  service=$1
  program=$2
  shift 2
  [ -z "$(running "$service")" ] ||
    $compose run --rm --no-deps -T --entrypoint "$program" "$service" "$@" </dev/null >/dev/null
}

$compose config --quiet
# An image that is only here, such as an API of your own, is not asked for.
$compose pull --quiet --ignore-buildable --policy missing
$compose build --quiet
check prometheus promtool check config /etc/prometheus/prometheus.yml || refused Prometheus
check alertmanager amtool check-config /etc/alertmanager/alertmanager.yml || refused Alertmanager
check frontend nginx -q -t -c /etc/nginx/pazpaz/nginx.conf || refused nginx
$compose up -d --remove-orphans

services | while read -r service how folders; do
  # shellcheck disable=SC2086 # several folders
  new=$(state $folders)
  old=$(cat "$memory/$service" 2>/dev/null || true)
  container=$(running "$service")
  if [ -z "$container" ]; then
    echo "$service: not running"
    continue
  elif ! grep -qx "$service $container" "$before"; then
    echo "$service: started anew"
  elif [ "$new" = "$old" ]; then
    echo "$service: unchanged"
  elif [ "$how" = hup ]; then
    $compose kill -s HUP "$service" </dev/null
    echo "$service: read its files again"
  else
    $compose restart "$service" </dev/null
    echo "$service: restarted"
  fi
  echo "$new" >"$memory/$service"
done
