"""The audit's control: run a module with OpenTelemetry's own SDK and instrumentations, without guards.

``python -m pazpaz_otel.audit.unguarded -m MODULE ARGUMENT…``. An audit that finds nothing here couldn't find anything
anywhere. Only the audit starts it, with receivers on loopback and invented data.
"""

from __future__ import annotations

import contextlib
import runpy
import sys
from importlib.metadata import entry_points
from typing import Any

from opentelemetry.sdk._configuration import _OTelSDKConfigurator


def main() -> None:
    """Configure the stock SDK from the environment, and run the module that the arguments name."""
    configurator: Any = _OTelSDKConfigurator
    configurator()._configure()  # noqa: SLF001 - what the stock auto-instrumentation calls
    for instrumentation in entry_points(group="opentelemetry_instrumentor"):
        with contextlib.suppress(ImportError):
            instrumentation.load()().instrument(skip_dep_check=True)
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
