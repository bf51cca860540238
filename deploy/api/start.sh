#!/bin/sh
# Adds the Collector's token, which is a file, to what is sent to it, then becomes the command. It stands in this
# process's environment and in no command line. Without the file the application starts all the same, and the
# Collector refuses its telemetry.
set -eu
if [ -r "${COLLECTOR_TOKEN_FILE:-}" ]; then
  OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$(head -n 1 "$COLLECTOR_TOKEN_FILE")"
  export OTEL_EXPORTER_OTLP_HEADERS
else
  echo "start: no token for the Collector at COLLECTOR_TOKEN_FILE" >&2
fi
# Without something that keeps them, logs would be guarded, sent and thrown away.
if [ -z "${OTEL_LOGS_EXPORTER:-}" ] && [ -n "${STACK_PROFILES+set}" ]; then
  case ",${STACK_PROFILES:-},${STACK_LAYERS:-}," in
  *,logs,* | *,debug,* | *,'*',*) ;;
  *) export OTEL_LOGS_EXPORTER=none ;;
  esac
fi
exec "$@"
