"""Render `deploy/kubernetes` for a policy and an environment of one's own: `python -m scripts.kubernetes --help`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pazpaz_otel.policy import load_policy
from scripts.kubernetes.files import FOLDER, render


def main() -> int:
    """Copy the hand-written files, write the rendered ones beside them, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m scripts.kubernetes", description=__doc__)
    parser.add_argument("--policy", type=Path, help="your policy; the default one if not given")
    parser.add_argument("--environment", default="production", help="the label `environment` of every series")
    parser.add_argument("--output", type=Path, required=True, help="an empty or missing folder")
    options = parser.parse_args()
    shutil.copytree(FOLDER, options.output, dirs_exist_ok=True)
    for name, text in render(load_policy(options.policy), options.environment).items():
        file = options.output / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
