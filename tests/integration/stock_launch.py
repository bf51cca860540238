"""Runs a module under the stock SDK and instrumentations, without the guards: what everyone else has.

``python stock_launch.py -m MODULE ARGUMENT…``. A process of its own, because the environment that the tests run in has
this distribution's entry points.
"""

from __future__ import annotations

import contextlib
import runpy
import sys
from importlib.metadata import entry_points

from opentelemetry.sdk._configuration import _OTelSDKConfigurator

if __name__ == "__main__":
    _OTelSDKConfigurator()._configure()
    for instrumentation in entry_points(group="opentelemetry_instrumentor"):
        with contextlib.suppress(ImportError):
            instrumentation.load()().instrument(skip_dep_check=True)
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
