#!/usr/bin/env bash
# Runs the unit tests against a built wheel instead of the checkout's source: scripts/test-wheel.sh WHEEL
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(realpath "$1")
venv=$(mktemp -d)/venv
trap 'rm -rf "$(dirname "$venv")"' EXIT
"${PYTHON:-python3}" -m venv "$venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$venv/bin/python" -m pip install --quiet --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --no-deps "$wheel"
# Which package is under test is what this is about.
"$venv/bin/python" -c 'import pathlib, pazpaz_otel; assert "site-packages" in pathlib.Path(pazpaz_otel.__file__).parts'
"$venv/bin/python" -m pytest -q -n auto --dist loadfile -m "not slow and not stack" tests/unit
