"""Hooks that capture errors: unhandled exceptions in a request, thread, task or process, and logged errors.

Each hook captures in the error's context, where its span, request and breadcrumbs are available. If the application has
its own client with the SDK's integrations, those capture too; a second capture of the same exception changes nothing.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import weakref
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from sentry_sdk.utils import event_from_exception

from pazpaz_otel import patches
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.log_record import DEPTH, told_of
from pazpaz_otel.redact.log_templates import error_of
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

_SILENT: Final = ("pazpaz_otel", "sentry_sdk", "opentelemetry", "urllib3")
"""Loggers whose errors would be caused by reporting errors."""

_tasks: weakref.WeakKeyDictionary[asyncio.Future[Any], contextvars.Context] = weakref.WeakKeyDictionary()
_last: asyncio.AbstractEventLoop | None = None
_watched: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()


def install() -> None:
    """Install every hook; repeated calls are harmless."""
    patches.install("logging.report", _recording)
    _hook("sys.excepthook", _process_failed)
    _hook("sys.unraisablehook", _unraisable)


def watch_threads() -> None:
    """Capture unhandled exceptions of threads; repeated calls are harmless."""
    _hook("threading.run", _start_thread)


def report(exc: BaseException, mechanism: str, *, handled: bool) -> None:
    """Capture an exception; never raise.

    Args:
        exc: the exception.
        mechanism: what caught it, one of `compile.sentry.MECHANISMS`.
        handled: whether the application handles it.
    """
    with drops.contained("sentry"):
        if not request.capturing():
            return
        event, hint = event_from_exception(
            exc, client_options=sentry_sdk.get_client().options, mechanism={"type": mechanism, "handled": handled}
        )
        sentry_sdk.capture_event(event, hint=hint)


def watch_loop() -> asyncio.AbstractEventLoop:
    """Report the running event loop's unhandled errors in the context of their task; repeated calls are cheap."""
    global _last  # noqa: PLW0603  # most processes have one loop
    loop = asyncio.get_running_loop()
    if loop is _last:
        return loop
    _last = loop
    if loop in _watched:
        return loop
    _watched.add(loop)
    before = loop.get_exception_handler()

    def failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        exc = context.get("exception")
        if isinstance(exc, Exception):
            _context_of(context).run(report, exc, "asyncio", handled=False)
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(failed)
    if sys.version_info < (3, 12) and loop.get_task_factory() is None:
        loop.set_task_factory(_task)
    return loop


def _task(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> asyncio.Task[Any]:
    """Return a task whose context can be found later (`Task.get_context` exists from 3.12 on)."""
    context = kwargs.pop("context", None) or contextvars.copy_context()
    task = asyncio.Task(coro, loop=loop, context=context, **kwargs)
    _tasks[task] = context
    return task


def _context_of(failure: dict[str, Any]) -> contextvars.Context:
    """Return the context in which the failure happened: a task's or a callback's."""
    source: Any = failure.get("future") or failure.get("task") or failure.get("handle")
    found = source.get_context() if hasattr(source, "get_context") else getattr(source, "_context", None)
    if found is None and isinstance(source, asyncio.Future):
        found = _tasks.get(source)
    return found.copy() if isinstance(found, contextvars.Context) else contextvars.copy_context()


def _hook(name: str, around: Callable[..., Any]) -> None:
    def hooking(original: Any) -> Callable[..., Any]:
        def hooked(*args: Any, **kwargs: Any) -> Any:
            return around(original, *args, **kwargs)

        return hooked

    patches.install(name, hooking)


def _recording(original: Any) -> Callable[..., Any]:
    # Not around `callHandlers`, whose handlers may look for the logging statement beyond the frames of `logging`.
    def filter_record(self: logging.Logger, record: logging.LogRecord) -> Any:
        passed = original(self, record)
        if passed and record.levelno >= logging.INFO:
            report_record(passed if isinstance(passed, logging.LogRecord) else record)
        return passed

    return filter_record


def report_record(record: logging.LogRecord) -> None:
    """Make a breadcrumb, and an event of an error, from a log record; never raise."""
    try:
        current = request.current()
        if (current is None and record.levelno < logging.ERROR) or record.name.startswith(_SILENT):
            return
        # Prove the template now, not when the error is sent, because the logging statement is still running.
        message, _ = told_of(record.msg, record, Running(sys._getframe(2), DEPTH))  # noqa: SLF001  # the documented way to a frame
        if current is not None:
            current.crumbs.append((record.created, record.levelname, record.name, message))
        if record.levelno >= logging.ERROR:
            _log(record)
    except BaseException as error:  # noqa: BLE001  # telemetry never breaks the application
        drops.fail("sentry", error)


def _log(record: logging.LogRecord) -> None:
    """Turn a log record into an event, unless the SDK's logging integration does."""
    client = sentry_sdk.get_client()
    if not request.capturing() or client.get_integration("logging") is not None:
        return
    exc = _logged_exception(record)
    event: Any = {}
    hint: dict[str, Any] = {}
    if exc is not None:
        event, hint = event_from_exception(
            exc, client_options=client.options, mechanism={"type": "logging", "handled": True}
        )
    elif isinstance(record.msg, str) and record.msg.lstrip().startswith("Traceback ("):
        # ASGI servers log a failed start as the text of its traceback; the exception itself was captured.
        drops.drop("sentry", "unproven_text")
        return
    event |= {"level": record.levelname.lower(), "logger": record.name}
    sentry_sdk.capture_event(event, hint=hint | {"log_record": record})


def _logged_exception(record: logging.LogRecord) -> BaseException | None:
    told = error_of(record)
    if told is not None:
        return told
    # structlog has rendered the exception into the text; it is the one being handled at the call.
    rendered = "exc_info" in record.msg or "exception" in record.msg if isinstance(record.msg, (dict, str)) else False
    structured = isinstance(record.msg, dict) or (isinstance(record.msg, str) and record.msg.startswith("{"))
    return sys.exc_info()[1] if rendered and structured else None


def _start_thread(original: Callable[..., None], thread: threading.Thread) -> None:
    # `threading.excepthook` won't do: an application may set its own, and the thread's context is gone by then.
    context, run = contextvars.copy_context(), thread.run

    def watched_run(*_: Any) -> None:
        # Another wrapper of `start` may unwrap the method's function and call it with the thread.
        try:
            run()
        except Exception as exc:
            context.run(report, exc, "threading", handled=False)
            raise
        finally:
            # Without this, the thread would hold a reference to itself.
            vars(thread).pop("run", None)

    thread.run = watched_run  # type: ignore[method-assign]
    # Bind it first: instrumentation-threading's wrapper of `start` takes the instance only from the binding.
    original.__get__(thread, type(thread))()


def _process_failed(original: Callable[..., None], kind: Any, exc: Any, traceback: Any) -> None:
    if isinstance(exc, Exception):
        report(exc, "excepthook", handled=False)
    original(kind, exc, traceback)


def _unraisable(original: Callable[..., None], unraisable: Any) -> None:
    if isinstance(unraisable.exc_value, Exception):
        report(unraisable.exc_value, "unraisablehook", handled=False)
    original(unraisable)
