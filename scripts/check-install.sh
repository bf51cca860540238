#!/usr/bin/env bash
# Installs a wheel into an empty environment with one version of pip, as a user would, and starts the command line:
#   scripts/check-install.sh WHEEL [PIP_VERSION|newest]
# Needs a package index. The packages of OpenTelemetry pin each other, and older pips give up on a set that disagrees.
set -euo pipefail
wheel=$(realpath "$1")
pip=${2:-newest}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"${PYTHON:-python3}" -m venv venv
export PIP_DISABLE_PIP_VERSION_CHECK=1
if [ "$pip" = newest ]; then venv/bin/python -m pip install --quiet --upgrade pip; else venv/bin/python -m pip install --quiet "pip==$pip"; fi
venv/bin/python -m pip install --quiet "$wheel"
venv/bin/python -m pip check
venv/bin/pazpaz-otel policy explain http.route >/dev/null
echo "installed with $(venv/bin/python -m pip --version | cut -d' ' -f1,2)"
