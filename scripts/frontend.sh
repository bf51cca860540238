#!/usr/bin/env bash
# Builds, checks and tests the front end. The tests build their pages apart, from the same packages.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
if ! command -v npm >/dev/null 2>&1; then
  if [ "${CI:-}" = true ]; then
    echo "npm is missing: it comes with Node.js 20.19 or newer" >&2
    exit 1
  fi
  echo "not tested: npm is missing; it comes with Node.js 20.19 or newer"
  exit 0
fi
# What passed once passes until Node.js or a file is another one, those that pin the packages among them; with
# TEST_AFRESH, it runs again.
digest() {
  {
    node --version
    find frontend tests/vectors \( -name node_modules -o -name __pycache__ -o -name 'dist*' -o -name sourcemaps -o -name '*.conf' \) -prune -o -type f -print0 \
      | sort -z | xargs -0 sha256sum scripts/frontend.sh
  } | sha256sum
}
content=$(digest)
passed=${XDG_CACHE_HOME:-${HOME:-.}/.cache}/pazpaz-opentelemetry/frontend-passed/${content%% *}
if [ -e "$passed" ] && [ -z "${TEST_AFRESH:-}" ]; then
  echo "the front end passed before, with these files and this Node.js"
  exit 0
fi
# Packages of another lock file would pass for those of this one.
packages=$("$bin/python" -c 'from tests.programs import frontend; print(frontend.packages_folder())')
if [ "$(cat frontend/node_modules/.copied-from 2>/dev/null)" != "$packages" ]; then
  rm -rf frontend/node_modules
  cp -a "$packages" frontend/
  echo "$packages" > frontend/node_modules/.copied-from
fi
(
  cd frontend
  for verb in build check lint api test budgets; do npm run --silent "$verb"; done
)
# What was edited meanwhile may have passed in part before and in part after.
if [ "$(digest)" = "$content" ]; then
  mkdir -p "$(dirname "$passed")"
  touch "$passed"
fi
