#!/usr/bin/env bash
# Everything that must hold: static checks, then the tests. Ends with pytest's closing line.
# Arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
export PATH="$PWD/$bin:$PATH"
status=0

scripts/lint.sh || status=1

if command -v npm >/dev/null 2>&1; then
  echo "== browser package"
  (
    set -e
    cd frontend
    [ -d node_modules ] || npm ci --no-audit --no-fund --silent
    for verb in build check lint test api budgets; do npm run --silent "$verb"; done
  ) || status=1
elif [ "${CI:-}" = true ]; then
  echo "npm is missing: it comes with Node.js 20.19 or newer" >&2
  status=1
else
  echo "the browser package isn't tested: npm is missing; it comes with Node.js 20.19 or newer"
fi

echo "== programs"
"$bin/python" -m tests.programs || true

echo "== tests"
"$bin/python" -m pytest "$@" || status=1
exit $status
