"""The reference backend under the stock SDK and instrumentations: ``python stock_backend.py UVICORN_ARGUMENT…``.

The same application; what it takes from this package is replaced by what OpenTelemetry itself offers, because the
package would put its guards in place.
"""

from __future__ import annotations

import contextlib
import sys
import types
from importlib.metadata import entry_points

from opentelemetry import metrics
from opentelemetry.sdk._configuration import _OTelSDKConfigurator

if __name__ == "__main__":
    _OTelSDKConfigurator()._configure()
    for instrumentation in entry_points(group="opentelemetry_instrumentor"):
        with contextlib.suppress(ImportError):
            instrumentation.load()().instrument(skip_dep_check=True)

    import pazpaz_otel

    meter = metrics.get_meter("practice_api")
    for name in ("counter", "up_down_counter", "histogram", "gauge"):
        setattr(pazpaz_otel, name, getattr(meter, f"create_{name}"))
    pazpaz_otel.observe = lambda *_, **__: None  # type: ignore[assignment]
    unguarded = types.ModuleType("pazpaz_otel.logging")
    unguarded.guard_event = lambda _logger, _method, event: event  # type: ignore[attr-defined]
    sys.modules["pazpaz_otel.logging"] = unguarded

    import uvicorn

    sys.argv = ["uvicorn", *sys.argv[1:]]
    uvicorn.main()
