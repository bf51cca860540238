#!/usr/bin/env bash
# Everything that must hold: static checks, then the tests. Ends with pytest's closing line.
# Arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
export PATH="$PWD/$bin:$PATH"
status=0

scripts/lint.sh || status=1

if [ -f frontend/package-lock.json ] && command -v npm >/dev/null 2>&1; then
  (cd frontend && { [ -d node_modules ] || npm ci --no-audit --no-fund --silent; }) || status=1
fi

echo "== programs"
"$bin/python" -m tests.programs || true

echo "== tests"
"$bin/python" -m pytest "$@" || status=1
exit $status
