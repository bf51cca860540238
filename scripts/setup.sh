#!/usr/bin/env bash
# Makes the virtual environment named by the first argument: the package, its tests' and linters' dependencies.
# Uses uv and its lock file where both are there, else pip.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}

if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
  if [ -f uv.lock ]; then
    UV_PROJECT_ENVIRONMENT=$venv uv sync --quiet --locked --inexact --all-extras --group test --group lint
  else
    VIRTUAL_ENV=$venv uv pip install --quiet --python "$venv/bin/python" -e '.[cli]' --group test --group lint
  fi
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[cli]' --group test --group lint
fi
