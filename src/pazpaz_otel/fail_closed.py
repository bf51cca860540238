"""Stop all export, using nothing that can have failed.

If a start-up step raises, guards may be missing, so no telemetry may be produced at all: the SDK's own switch disables
every provider created from here on, existing providers are shut down, and their exporters receive nothing more.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
from collections.abc import Callable
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.diagnosis import packages
from pazpaz_otel.errors import PatchError
from pazpaz_otel.notices import print_once
from pazpaz_otel.patches.subclasses import living
from pazpaz_otel.sentry import closed
from pazpaz_otel.settings import disable_sdk, guards_output, is_strict, mask

_WITHHELD: Final = "<redacted>"


def stop_export(error: BaseException, *, withholds_lines: bool = False, says_why: bool = True) -> None:
    """Stop all export from this process, and log one line that says why; never raise.

    Args:
        error: the exception that ended the start.
        withholds_lines: whether to withhold the application's own log lines where no guard is in front of them.
        says_why: whether to log the line; not if an exception says it.
    """
    lines = (_withhold_lines,) if withholds_lines else ()
    for step in (
        disable_sdk,
        _refuse_exports,
        _silence_providers,
        *lines,
        shut_providers,
        _propagate_nothing,
        closed.shut,
    ):
        with contextlib.suppress(Exception):
            step()
    if says_why:
        print_once(f"nothing is exported: {describe(error)}")


def describe(error: BaseException) -> str:
    """Return the error as one line with secrets masked; configuration isn't patient data."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception that can't be printed
        text = ""
    kind = type(error).__name__
    text = text if type(error).__module__.startswith("pazpaz_otel") and text else f"{kind}: {text}".rstrip(": ")
    if isinstance(error, (ImportError, AttributeError, TypeError, PatchError)):
        with contextlib.suppress(Exception):
            text = "; ".join((text, *map(str, packages.findings())))
    return mask(text)


def _withhold_lines() -> None:
    # A patch that is installed already is left alone: then its lines are guarded.
    for name, around in _WITHHOLDING.items():
        with contextlib.suppress(Exception):
            patches.install(name, around)


def _handling_bare(original: Any) -> Callable[..., Any]:
    def handle(self: logging.Handler, record: logging.LogRecord) -> Any:
        level = record.levelno
        bare = logging.LogRecord("root", level, "", 0, _WITHHELD, None, None)
        bare.levelname = _level(level)
        return original(self, bare)

    return handle


def _level(number: int) -> str:
    # An application may give a level any name.
    names = {logging.DEBUG: "DEBUG", logging.INFO: "INFO", logging.WARNING: "WARNING", logging.ERROR: "ERROR"}
    return names.get(number, "NOTSET" if number < logging.CRITICAL else "CRITICAL")


def _writing_nothing(_: Any) -> Callable[..., None]:
    return lambda *_args, **_kwargs: None


def _dropping_events(_: Any) -> Callable[..., Any]:
    def process_event(*_args: Any, **_kwargs: Any) -> Any:
        from structlog import DropEvent  # noqa: PLC0415 - it is loaded where this is called

        raise DropEvent

    return process_event


def _rendering_bare(_: Any) -> Callable[..., str]:
    return lambda _self, record: str(record.getMessage())


_WITHHOLDING: Final[dict[str, Callable[[Any], Callable[..., Any]]]] = {
    "logging.handler.handle": _handling_bare,
    "logging.handler.own_handle": _handling_bare,
    "logging.handler.format": _handling_bare,
    "logging.handler.handleError": _writing_nothing,
    "loguru.emit": _writing_nothing,
    "loguru.failure": _writing_nothing,
    "structlog.output": _dropping_events,
    "structlog.formatter": _rendering_bare,
}


def _refuse_exports() -> None:
    # Patch the classes: a batch that is flushed at shutdown would send what no guard has seen.
    for name, module, result in (
        ("span", "opentelemetry.sdk.trace.export", "SpanExportResult"),
        ("log", "opentelemetry.sdk._logs.export", "LogRecordExportResult"),
        ("metric", "opentelemetry.sdk.metrics.export", "MetricExportResult"),
    ):
        with contextlib.suppress(Exception):
            patches.install(f"exporter.{name}", functools.partial(_refusing, module, result))


def _refusing(module: str, result: str, _: Any) -> Callable[..., Any]:
    def export(*_args: Any, **_kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), result).SUCCESS

    return export


def _silence_providers() -> None:
    # Processors, readers and exporters of the application may send without any class of the SDK.
    for module, kind, inner, methods in (
        ("opentelemetry.sdk.trace", "TracerProvider", "_active_span_processor", ("on_start", "_on_ending", "on_end")),
        ("opentelemetry.sdk._logs", "LoggerProvider", "_multi_log_record_processor", ("on_emit",)),
        ("opentelemetry.sdk.metrics.export", "MetricReader", "", ("_collect",)),
        ("opentelemetry.sdk._shared_internal", "BatchProcessor", "_queue", ()),
    ):
        with contextlib.suppress(Exception):
            for one in living(getattr(importlib.import_module(module), kind)):
                _silence(getattr(one, inner) if inner else one, methods)


def _silence(sender: Any, methods: tuple[str, ...]) -> None:
    if not methods:
        # What waits to be sent.
        sender.clear()
    for method in methods:
        # Tracers, loggers and running spans refer to this very object.
        setattr(sender, method, lambda *_args, **_kwargs: None)


def shut_providers() -> None:
    """Shut the global providers down."""
    from opentelemetry import _logs, metrics, trace  # noqa: PLC0415

    # The API's own providers have no `shutdown`.
    providers: list[Any] = [trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()]
    for provider in providers:
        with contextlib.suppress(Exception):
            provider.shutdown()


def _propagate_nothing() -> None:
    # Patch the classes here, too: the application may set a propagator of its own later.
    with contextlib.suppress(Exception):
        patches.install("propagator.inject", lambda _: lambda *_args, **_kwargs: None)
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.propagate import set_global_textmap  # noqa: PLC0415

    # An empty composite propagator returns None as the context if it is given None, and callers attach what it returns.
    class Nothing:
        def extract(self, carrier: Any, context: Context | None = None, getter: Any = None) -> Context:  # noqa: ARG002
            return Context() if context is None else context

        def inject(self, carrier: Any, context: Context | None = None, setter: Any = None) -> None: ...

        @property
        def fields(self) -> set[str]:
            return set()

    set_global_textmap(Nothing())  # type: ignore[arg-type]


class Inert:
    """An instrument, or the result of a call, that does nothing whatever it is asked."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take any arguments, as the function that this replaces does."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def stand_in(error: Exception) -> Any:
    """Stop all export, say why in one line, and return what takes the place of a function of `pazpaz_otel`.

    Raises:
        Exception: `error`, if `PAZPAZ_OTEL_STRICT` is set.
    """
    if is_strict():
        raise error
    stop_export(error, withholds_lines=guards_output())
    return Inert
