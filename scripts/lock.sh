#!/usr/bin/env bash
# Writes requirements.lock: every dependency of the package, its tests and its linters, with hashes. Needs uv, which the tests bring.
set -euo pipefail
cd "$(dirname "$0")/.."
uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --all-extras --group test --group lint --group docs --quiet --output-file requirements.lock "$@"
# What the images install: the same versions, without the tests' and linters'.
uv pip compile pyproject.toml deploy/api/requirements.txt --all-extras --constraint requirements.lock --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --output-file deploy/api/requirements.lock "$@"
# What the Operator puts into pods: the distribution's own dependencies and nothing else.
uv pip compile pyproject.toml --constraint requirements.lock --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
  --output-file deploy/kubernetes/instrumentation/requirements.lock "$@"
