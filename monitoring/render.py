"""Renders rules and dashboards: `python monitoring/render.py [--check]`.

Exit code 0: written, or with --check: nothing is stale. 1: with --check, something is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __package__ in {None, ""}:  # run as a script: the folder above is where `monitoring` is found
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from monitoring.alerting import HEADER, ROOT, render_rules
from monitoring.dashboards import render_dashboards

OWNED = (
    "prometheus/prometheus.remote-write.yml",
    "prometheus/alerts/*.yml",
    "prometheus/rules/*.yml",
    "grafana/dashboards/*.json",
)


def artefacts() -> dict[str, str]:
    """Every rendered file: path below `monitoring/` to its content."""
    return render_rules() | render_dashboards() | _with_remote_write()


def _with_remote_write() -> dict[str, str]:
    """Prometheus has no include for remote write: the optional layer is a configuration of its own."""
    plain, layer = (ROOT / "prometheus" / name for name in ("prometheus.yml", "remote-write.yml"))
    header = HEADER.format(source=f"monitoring/prometheus/{plain.name} and {layer.name}")
    return {"prometheus/prometheus.remote-write.yml": f"{header}\n{plain.read_text()}\n{layer.read_text()}"}


def stale(files: dict[str, str]) -> list[str]:
    """Names what differs from `files` on disk: changed, missing, or there without a source."""
    present = {str(path.relative_to(ROOT)) for pattern in OWNED for path in ROOT.glob(pattern)}
    changed = {name for name, text in files.items() if not (ROOT / name).is_file() or (ROOT / name).read_text() != text}
    return sorted(changed | (present - files.keys()))


def main(arguments: list[str] | None = None) -> int:
    """Writes what is stale, or says so."""
    parser = argparse.ArgumentParser(description="Render Prometheus rules and Grafana dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a rendered file is stale")
    options = parser.parse_args(arguments)
    files = artefacts()
    for name in stale(files):
        if options.check:
            sys.stderr.write(f"stale: monitoring/{name}\n")
        elif name in files:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(files[name])
        else:
            (ROOT / name).unlink()
    return 1 if options.check and stale(files) else 0


if __name__ == "__main__":
    sys.exit(main())
