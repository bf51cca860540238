"""The distribution: assembles policy, guards, signals and Sentry. It decides nothing.

`opentelemetry-instrument` finds `PazPazDistro` and `PazPazConfigurator` by entry point; `configure()` calls the same
steps from code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]
from opentelemetry.sdk._configuration import _OTelSDKConfigurator

from pazpaz_otel import runtime
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.otel import workers

if TYPE_CHECKING:
    from opentelemetry.util._importlib_metadata import EntryPoint


class PazPazDistro(BaseDistro):  # type: ignore[misc]
    """Gives the standard variables their defaults, and starts the instrumentations lean."""

    def _configure(self, **_: Any) -> None:
        try:
            runtime.prepare()
        except PazPazOtelError as error:
            # An exception would only be logged by the auto-instrumentation, and the application start unobserved.
            raise SystemExit(f"pazpaz-opentelemetry: {error}") from None

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: Any) -> None:
        """Starts one instrumentation, as `signals.instrumentations` sets it."""
        runtime.instrument(entry_point, **kwargs)


class PazPazConfigurator(_OTelSDKConfigurator):
    """Configures the SDK behind the guards, then starts Sentry."""

    def _configure(self, **kwargs: Any) -> None:
        process = runtime.prepare()
        if process.refused:
            runtime.export_nothing(process)
            return
        if workers.is_helper():
            return
        super()._configure(**runtime.sdk_arguments(process, kwargs))  # type: ignore[no-untyped-call]
        runtime.finish(process)
