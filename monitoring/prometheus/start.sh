#!/bin/sh
# Gives Prometheus this server's environment and domain, which its own configuration can't read from variables, then
# starts it. After `kill -HUP` it does so again: a changed file in the checkout is seen without a restart.
#   ENVIRONMENT   the label `environment` of all that Prometheus itself scrapes
#   SITE_DOMAIN   the host that the probes ask for
#   SOURCE, RUN   folders: the checkout's, and where what is rendered goes
# The arguments are Prometheus: its program and flags.
set -u
source=${SOURCE:-/etc/prometheus}
run=${RUN:-/run/prometheus}
environment=${ENVIRONMENT:-production}
domain=${SITE_DOMAIN:-pazpaz.app}

fail() {
  echo "start: $1" >&2
  exit 1
}
case $environment in '' | *[!A-Za-z0-9._-]*) fail "ENVIRONMENT takes letters, digits, dots, dashes and underscores" ;; esac
case $domain in '' | *[!A-Za-z0-9.-]*) fail "SITE_DOMAIN takes a host name" ;; esac

render() {
  rm -rf "$run/new" && mkdir -p "$run/new" || return 1
  cp -R "$source/rules" "$source/alerts" "$source"/*.yml "$run/new/" || return 1
  for file in "$run"/new/*.yml; do
    sed -e "s/environment: production/environment: $environment/" -e "s/pazpaz\.app/$domain/g" "$file" \
      >"$run/rendered" && cat "$run/rendered" >"$file" || return 1
  done
  rm -rf "$run/old"
  if [ -e "$run/current" ]; then mv "$run/current" "$run/old"; fi
  mv "$run/new" "$run/current"
}

render || fail "can't write to $run"
"$@" &
prometheus=$!
trap 'render; kill -HUP $prometheus' HUP
trap 'kill -TERM $prometheus' TERM INT
status=129
# A signal ends `wait`, not Prometheus.
while [ "$status" -gt 128 ] && kill -0 $prometheus 2>/dev/null; do
  wait $prometheus
  status=$?
done
exit "$status"
