"""`python -m tests.faults counts`: truth beside measurement; fails past the bounds."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults import counts


def main() -> int:
    """Run the counts, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", choices=["counts"])
    parser.add_argument("--seconds", type=float, default=60.0, help="of load on each server")
    chosen = parser.parse_args()
    wrong = []
    for server in ("uvicorn", "gunicorn"):
        with tempfile.TemporaryDirectory() as folder:
            counted = counts.run(Path(folder), server, seconds=chosen.seconds, say=lambda text: print(f"  {text}"))
        print(f"{server}\n{'':40} {'truth':>12} {'measured':>12}\n{counted.table()}")
        wrong += [f"{server}: {fault}" for fault in counted.faults()]
    print("\n".join(wrong) or "within bounds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
