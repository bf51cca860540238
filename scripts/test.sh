#!/usr/bin/env bash
# Everything that must hold: static checks, the front end, and the tests, side by side. Ends with pytest's closing line.
# Arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
export PATH="$PWD/$bin:$PATH"
# What pytest makes of each test's file may be kept.
unset PYTHONDONTWRITEBYTECODE
colour=auto
[ ! -t 1 ] || colour=yes
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Most of the slow tests wait for programs, so six processes fill two cores. A test that ran out of its deadline
# beside others is run once more by itself, and has to pass then.
tests() {
  local failed=$folder/failed again files
  trap - INT
  : > "$failed"
  echo "== programs"
  "$bin/python" -m tests.programs || true
  # What pytest makes of each test's file is made once; in a fresh checkout, each of its processes would make it.
  "$bin/python" -m pytest --collect-only -qq > /dev/null 2>&1
  echo "== tests"
  TESTS_FAILED_FILE=$failed "$bin/python" -m pytest "--color=$colour" -n "${TEST_PROCESSES:-6}" --dist loadfile --no-loadscope-reorder "$@" && return
  sort -u -o "$failed" "$failed"
  files=$(cut -d: -f1 "$failed" | sort -u | wc -l)
  [ "$files" -gt 0 ] && [ "$files" -le 8 ] || return
  echo "== once more, by themselves"
  cat "$failed"
  mapfile -t again < "$failed"
  "$bin/python" -m pytest "--color=$colour" "${again[@]}"
}

# What the tests say is read once the checks have ended, which they do long before.
exec 3< <(tests "$@" 2>&1 && touch "$folder/passed")
status=0
scripts/lint.sh || status=1
echo "== front end"
scripts/frontend.sh || status=1
cat <&3
[ -e "$folder/passed" ] || status=1
exit $status
