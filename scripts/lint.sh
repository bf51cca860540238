#!/usr/bin/env bash
# Every static check; all of them run, and any failure fails the whole.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
status=0
# mypy goes by what files hold, so that a fresh checkout needn't start over.
export MYPY_CACHE_DIR=${MYPY_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-.}/.cache}/pazpaz-opentelemetry/mypy}
for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports"; do
  echo "== $check"
  # shellcheck disable=SC2086 # the check is a command with arguments
  "$bin"/$check || status=1
done
echo "== mkdocs build"
site=$(mktemp -d)
NO_MKDOCS_2_WARNING=1 "$bin"/mkdocs build --quiet --site-dir "$site" || status=1
rm -rf "$site"
exit $status
