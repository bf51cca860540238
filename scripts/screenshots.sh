#!/usr/bin/env bash
# Draws the dashboards into a folder: screenshots.sh PYTHON FOLDER. What draws is installed beside the tests' own
# dependencies, as nothing but this needs it.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 folder=$2
matplotlib='matplotlib==3.11.2' # the Matplotlib licence, after the PSF's

if ! "$python" -c 'import matplotlib' 2>/dev/null; then
  if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$python" "$matplotlib"
  else
    "$python" -m pip install --quiet --disable-pip-version-check "$matplotlib"
  fi
fi
"$python" -m tests.stack.screenshots "$folder"
