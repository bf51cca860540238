"""`python -m monitoring.outages [--check] [--promtool PATH] [--amtool PATH]`.

Exit code 0: written, or with --check nothing is stale; 1: with --check, the page is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from monitoring.outages.page import PAGE, inputs, render
from monitoring.outages.verdict import judge, receiver
from monitoring.outages.world import outages


def main() -> int:
    """Write the page, or say that it is stale."""
    parser = argparse.ArgumentParser(prog="python -m monitoring.outages", description="Who is told of what, how soon.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is stale")
    parser.add_argument("--promtool", type=Path, default=Path("promtool"))
    parser.add_argument("--amtool", type=Path, default=Path("amtool"))
    parser.add_argument("--cache", type=Path, help="a folder that keeps what promtool has said")
    options = parser.parse_args()
    receiver({"alertname": "Watchdog"}, options.amtool)
    cases = outages()
    if options.check and PAGE.is_file() and inputs() in PAGE.read_text(encoding="utf-8"):
        return 0
    text = render(cases, judge(cases, options.promtool, options.cache))
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if options.check:
        sys.stderr.write(f"stale: {PAGE.name}\n")
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
