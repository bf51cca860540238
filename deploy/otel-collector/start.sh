#!/bin/sh
# Chooses the Collector's optional layers and checks its memory limit, then becomes the Collector.
#   COLLECTOR_LAYER        layers to add, by comma: logs, sentry, debug
#   STACK_PROFILES         the stack's profiles, by comma: "logs" adds the layer of that name
#   COLLECTOR_MEMORY_MIB   what the Collector may use, in MiB; less than the container's limit
#   COLLECTOR_CONFIG       the folder of the layers
# The arguments are the Collector: its program and the layers that are always loaded. Yours, extras.yaml, is last.
set -eu
folder=${COLLECTOR_CONFIG:-/etc/otelcol}
extras=${COLLECTOR_EXTRAS:-/etc/otelcol/checkout/extras.yaml}

fail() {
  echo "start: $1" >&2
  exit 1
}

memory=${COLLECTOR_MEMORY_MIB:-400}
case $memory in
'' | *[!0-9]*) fail "COLLECTOR_MEMORY_MIB must be a whole number of MiB, 192 or more" ;;
esac
[ "$memory" -ge 192 ] || fail "COLLECTOR_MEMORY_MIB must be 192 or more: with less the Collector refuses all telemetry"
# The container's own limit: over it the kernel ends the process before it can refuse anything.
container=
for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
  if [ -r "$file" ]; then read -r container <"$file" && break; fi
done
case $container in
'' | *[!0-9]*) ;;
*)
  [ ${#container} -gt 15 ] || [ "$memory" -le $((container / 1048576 - 64)) ] ||
    fail "COLLECTOR_MEMORY_MIB must be 64 below the container's limit of $((container / 1048576)) MiB (COLLECTOR_MEMORY_LIMIT)"
  ;;
esac
export COLLECTOR_MEMORY_MIB="$memory" GOMEMLIMIT="${memory}MiB"

wanted=,${COLLECTOR_LAYER:-},
case ",${STACK_PROFILES:-}," in *,logs,*) wanted=$wanted"logs," ;; esac
case ",${STACK_PROFILES:-}," in *,'*',*) wanted=$wanted"logs," ;; esac
for layer in logs sentry debug; do
  case $wanted in *,$layer,*) set -- "$@" "--config=$folder/$layer.yaml" ;; esac
done
rest=$wanted
while [ -n "$rest" ]; do
  layer=${rest%%,*}
  case $layer in
  '' | logs | sentry | debug | extras) ;;
  *) fail "COLLECTOR_LAYER takes logs, sentry and debug, by comma" ;;
  esac
  case $rest in *,*) rest=${rest#*,} ;; *) rest= ;; esac
done
case $wanted in *,sentry,*)
  [ -n "${SENTRY_OTLP_TRACES_ENDPOINT:-}" ] && [ -n "${SENTRY_OTLP_AUTH:-}" ] ||
    fail "the layer sentry needs SENTRY_OTLP_TRACES_ENDPOINT and SENTRY_OTLP_AUTH"
  ;;
esac
[ ! -r "$extras" ] || set -- "$@" "--config=$extras"
exec "$@"
