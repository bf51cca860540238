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
if [ ! -d frontend/node_modules ]; then
  packages=$("$bin/python" -c 'from tests.programs import frontend; print(frontend.packages_folder())')
  cp -a "$packages" frontend/
fi
cd frontend
# What was found clean is clean until Node.js or a file is another one, those that pin the packages among them.
content=$({
  node --version
  find . \( -name node_modules -o -name 'dist*' -o -name sourcemaps -o -name '*.conf' \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
} | sha256sum)
clean=${XDG_CACHE_HOME:-${HOME:-.}/.cache}/pazpaz-opentelemetry/frontend-clean/${content%% *}
npm run --silent build
if [ ! -e "$clean" ]; then
  for verb in check lint api; do npm run --silent "$verb"; done
  mkdir -p "$(dirname "$clean")" && touch "$clean"
fi
for verb in test budgets; do npm run --silent "$verb"; done
