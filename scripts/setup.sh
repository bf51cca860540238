#!/usr/bin/env bash
# Makes the virtual environment named by the first argument: the locked dependencies of the package, its tests and
# its linters, checked by their hashes, and the package itself.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"

# pip computes for forty seconds over what uv installs in two, so it installs uv alone. It stands in for uv, too:
# its configuration may name an index that uv doesn't know.
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
uv=("$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python")
"${pip[@]}" --require-hashes -r <(awk '/^[^ #]/ {wanted = /^uv==/} wanted' requirements.lock)
for install in "--require-hashes -r requirements.lock" "--no-deps -e ."; do
  # shellcheck disable=SC2086 # several arguments each
  "${uv[@]}" $install || "${pip[@]}" $install
done
# Where PYTHONDONTWRITEBYTECODE is set, each process of the tests would compile everything anew, for seconds of CPU.
# A fifth of it is mypy, which runs compiled to machine code, and what no process imports.
packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$venv/bin/python" -m compileall -q -j 0 -x '/(mypyc?|pygments/lexers|sqlalchemy/testing)/' "$packages" src
