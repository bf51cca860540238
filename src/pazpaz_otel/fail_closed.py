"""Stop all export, using nothing that can have failed.

If a start-up step raises, guards may be missing, so no telemetry may be produced at all: the SDK's own switch disables
every provider created from here on, existing providers are shut down, and their exporters receive nothing more.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.settings import disable_sdk, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_printed: Final[set[str]] = set()


def stop_export(error: BaseException) -> None:
    """Stop all export from this process, and log one line that says why; never raise."""
    for step in (disable_sdk, _refuse_exports, _shut_providers, _propagate_nothing, _shut_sentry):
        with contextlib.suppress(Exception):
            step()
    print_once(f"nothing is exported: {describe(error)}")


def describe(error: BaseException) -> str:
    """Return the error as one line with secrets masked; configuration isn't patient data."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception that can't be printed
        text = ""
    kind = type(error).__name__
    return mask(text if type(error).__module__.startswith("pazpaz_otel") and text else f"{kind}: {text}".rstrip(": "))


def print_once(line: str) -> None:
    """Write one line to standard error, once, bypassing the logging configuration."""
    if line in _printed:
        return
    _printed.add(line)
    with contextlib.suppress(Exception):
        sys.stderr.write(f"pazpaz-opentelemetry: {line}\n")
        sys.stderr.flush()


def _refuse_exports() -> None:
    # Patch the classes: a batch that is flushed at shutdown would send what no guard has seen.
    for name, result in (("span", _span_result), ("log", _log_result), ("metric", _metric_result)):
        with contextlib.suppress(Exception):
            patches.install(f"exporter.{name}", _refusing(result))


def _refusing(result: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda _: lambda *_args, **_kwargs: result()


def _span_result() -> Any:
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415 - it may have moved

    return SpanExportResult.SUCCESS


def _log_result() -> Any:
    from opentelemetry.sdk._logs.export import LogRecordExportResult  # noqa: PLC0415

    return LogRecordExportResult.SUCCESS


def _metric_result() -> Any:
    from opentelemetry.sdk.metrics.export import MetricExportResult  # noqa: PLC0415

    return MetricExportResult.SUCCESS


def _shut_providers() -> None:
    for provider in _providers():
        with contextlib.suppress(Exception):
            provider.shutdown()


def _providers() -> Iterator[Any]:
    from opentelemetry import _logs, metrics, trace  # noqa: PLC0415

    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        if hasattr(provider, "shutdown"):
            yield provider


def _propagate_nothing() -> None:
    # Patch the classes here, too: the application may set a propagator of its own later.
    with contextlib.suppress(Exception):
        patches.install("propagator.inject", lambda _: lambda *_args, **_kwargs: None)
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.propagate import set_global_textmap  # noqa: PLC0415
    from opentelemetry.propagators.textmap import TextMapPropagator  # noqa: PLC0415

    # An empty composite propagator returns None as the context if it is given None, and callers attach what it returns.
    class Nothing(TextMapPropagator):
        def extract(self, carrier: Any, context: Context | None = None, getter: Any = None) -> Context:  # noqa: ARG002
            return Context() if context is None else context

        def inject(self, carrier: Any, context: Context | None = None, setter: Any = None) -> None: ...

        @property
        def fields(self) -> set[str]:
            return set()

    set_global_textmap(Nothing())


def _shut_sentry() -> None:
    from pazpaz_otel.sentry import client  # noqa: PLC0415 - what it imports may have moved

    client.shut()
