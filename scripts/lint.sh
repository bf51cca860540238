#!/usr/bin/env bash
# Every static check; all of them run, and any failure fails the whole.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
status=0
for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports"; do
  echo "== $check"
  # shellcheck disable=SC2086 # the check is a command with arguments
  "$bin"/$check || status=1
done
exit $status
