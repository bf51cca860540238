"""Gets every program ahead of a run: `python -m tests.programs [--system]`."""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial

from _pytest.outcomes import Failed, Skipped

from tests.programs import debian
from tests.programs.bugsink import bugsink_folder
from tests.programs.frontend import drivers_folder, frontend_folder
from tests.programs.golang import (
    actionlint_binary,
    alertmanager_binary,
    amtool_binary,
    collector_binary,
    compose_binary,
    etcd_binary,
    kube_apiserver_binary,
    kubeconform_binary,
    kustomize_binary,
    node_exporter_binary,
    postgres_exporter_binary,
    prometheus_adapter_binary,
    prometheus_binary,
    prometheus_operator_binary,
    prometheus_operator_crds,
    victoriametrics_binary,
)
from tests.programs.missing import in_ci
from tests.programs.npm import SETS, npm_folder
from tests.programs.postgres import postgres_folder


def main() -> int:
    """Get them, say where they are, and return the number of those that can't be had."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.programs", description="Get the programs that the tests run."
    )
    parser.add_argument("--system", action="store_true", help="install Debian packages too (needs root)")
    if parser.parse_args().system or in_ci():
        packages = debian.missing_packages()
        if packages:
            print("installing", *packages, flush=True)
            debian.install(packages)
    missing = 0
    for get in (
        collector_binary,
        prometheus_binary,
        alertmanager_binary,
        amtool_binary,
        compose_binary,
        node_exporter_binary,
        postgres_exporter_binary,
        actionlint_binary,
        etcd_binary,
        kube_apiserver_binary,
        kubeconform_binary,
        kustomize_binary,
        prometheus_adapter_binary,
        prometheus_operator_binary,
        prometheus_operator_crds,
        victoriametrics_binary,
        bugsink_folder,
        postgres_folder,
        frontend_folder,
        drivers_folder,
        *(partial(npm_folder, name) for name in SETS),
        *(partial(debian.debian_binary, name) for name in debian.PACKAGES),
    ):
        start = time.monotonic()
        try:
            path = get()
            print(f"{path} ({time.monotonic() - start:.0f} s)", flush=True)
        except (Skipped, Failed) as gone:
            missing += 1
            print(f"missing: {gone}", file=sys.stderr, flush=True)
    return missing


if __name__ == "__main__":
    sys.exit(main())
