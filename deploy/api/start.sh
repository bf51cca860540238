#!/bin/sh
# Adds the Collector's token, which is a file, to what is sent to it, then becomes the command. It stands in this
# process's environment and in no command line.
set -eu
if [ -n "${COLLECTOR_TOKEN_FILE:-}" ]; then
  OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$(tr -d '\n' <"$COLLECTOR_TOKEN_FILE")"
  export OTEL_EXPORTER_OTLP_HEADERS
fi
exec "$@"
