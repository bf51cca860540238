#!/usr/bin/env bash
# Builds the Collector of collector/builder.yaml, or of the manifest named by the second argument, from Go modules into
# the file named by the first one.
# Needs Go 1.25 or newer and a Go module proxy; downloads no binaries.
set -euo pipefail

out=${1:?usage: scripts/build-collector.sh OUTPUT_FILE [MANIFEST]}
manifest=${2:-$(cd "$(dirname "$0")/.." && pwd)/collector/builder.yaml}
version=$(awk '$1 == "version:" {print $2}' "$manifest")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

GOBIN="$work/bin" go install "go.opentelemetry.io/collector/cmd/builder@v$version"
(cd "$work" && "$work/bin/builder" --config "$manifest" --skip-get-modules --skip-compilation >"$work/builder.log" 2>&1) \
  || { cat "$work/builder.log" >&2; exit 1; }

# Without its module download the builder writes no go.mod. `go mod tidy` would also fetch the test-only
# modules of every component, so the file is written from the manifest and resolved while building.
{
  echo "module pazpaz-collector"
  echo "go 1.25.0"
  echo "require ("
  sed -n 's/^ *- gomod: *//p' "$manifest"
  echo "go.opentelemetry.io/collector/otelcol v$version"
  echo "github.com/knadh/koanf/maps v0.1.1 // indirect"
  echo "github.com/knadh/koanf/providers/confmap v0.1.0 // indirect"
  echo ")"
  sed -n 's/^ *- \(.* => .*\)$/replace \1/p' "$manifest"
} >"$work/build/go.mod"

(cd "$work/build" && GOFLAGS="-mod=mod" go build -trimpath -ldflags "-s -w" -o "$work/collector" .)
mkdir -p "$(dirname "$out")"
mv "$work/collector" "$out"
