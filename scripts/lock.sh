#!/usr/bin/env bash
# Writes requirements.lock: every dependency of the package, its tests and its linters, with hashes. Needs uv.
set -euo pipefail
cd "$(dirname "$0")/.."
uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --all-extras --group test --group lint --group docs --quiet --output-file requirements.lock "$@"
