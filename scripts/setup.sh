#!/usr/bin/env bash
# Makes the virtual environment named by the first argument: the locked dependencies of the package, its tests and
# its linters, checked by their hashes, and the package itself. Uses uv where it is there, else pip.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}

if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
  install=(uv pip install --quiet --python "$venv/bin/python")
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  install=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
fi
"${install[@]}" --require-hashes -r requirements.lock
"${install[@]}" --no-deps -e .
# Where PYTHONDONTWRITEBYTECODE is set, each process of the tests would compile everything anew, for seconds of CPU.
"$venv/bin/python" -m compileall -q "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" src
