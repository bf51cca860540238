#!/usr/bin/env bash
# Everything that must hold: static checks, then the tests. Ends with pytest's closing line.
# Arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
export PATH="$PWD/$bin:$PATH"
# What pytest makes of each test's file may be kept.
unset PYTHONDONTWRITEBYTECODE
status=0

# Each of the two keeps one core busy at most. The static checks end first, and what pytest makes of each test's file
# is then made once; in a fresh checkout, each of its processes would make it.
checks=$(mktemp)
(
  scripts/lint.sh
  failed=$?
  "$bin/python" -m pytest --collect-only -qq > /dev/null 2>&1
  exit $failed
) > "$checks" 2>&1 &
lint=$!

echo "== browser package"
if command -v npm >/dev/null 2>&1; then
  (
    # The tests build the pages with the same packages, from their cache.
    if [ ! -d frontend/node_modules ]; then
      packages=$("$bin/python" -c 'from tests.programs import frontend; print(frontend.packages_folder())') || exit 1
      cp -a "$packages" frontend/ || exit 1
    fi
    cd frontend || exit 1
    # What was found clean is clean until Node.js or a file is another one, those that pin the packages among them.
    content=$({
      node --version
      find . \( -name node_modules -o -name 'dist*' -o -name sourcemaps -o -name '*.conf' \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum)
    clean=${XDG_CACHE_HOME:-${HOME:-.}/.cache}/pazpaz-opentelemetry/frontend-clean/${content%% *}
    npm run --silent build || exit 1
    if [ ! -e "$clean" ]; then
      # `set -e` means nothing before `||`.
      for verb in check lint api; do npm run --silent "$verb" || exit 1; done
      mkdir -p "$(dirname "$clean")" && touch "$clean"
    fi
    for verb in test budgets; do npm run --silent "$verb" || exit 1; done
  ) || status=1
elif [ "${CI:-}" = true ]; then
  echo "npm is missing: it comes with Node.js 20.19 or newer" >&2
  status=1
else
  echo "not tested: npm is missing; it comes with Node.js 20.19 or newer"
fi

wait "$lint" || status=1
cat "$checks"
rm -f "$checks"

echo "== programs"
"$bin/python" -m tests.programs || true

echo "== tests"
# Most of the slow tests wait for programs, so four processes fill two cores. A test that ran out of its deadline
# beside others is run once more by itself, and has to pass then.
failed=$(mktemp)
trap 'rm -f "$failed"' EXIT
if ! TESTS_FAILED_FILE=$failed "$bin/python" -m pytest -n "${TEST_PROCESSES:-4}" --dist loadfile --no-loadscope-reorder "$@"; then
  sort -u -o "$failed" "$failed"
  files=$(cut -d: -f1 "$failed" | sort -u | wc -l)
  if [ "$files" -gt 0 ] && [ "$files" -le 8 ]; then
    echo "== once more, by themselves"
    cat "$failed"
    mapfile -t again < "$failed"
    "$bin/python" -m pytest "${again[@]}" || status=1
  else
    status=1
  fi
fi
exit $status
