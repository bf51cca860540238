"""Where errors come from: what nobody caught in a request, thread, task or process, and what was logged.

Each hook captures in the context of the error, so that its span, request and breadcrumbs are at hand. A client of the
application's own, with the SDK's integrations, captures too: the second capture of an exception changes nothing.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from sentry_sdk.utils import event_from_exception

from pazpaz_otel.enforce import account, text
from pazpaz_otel.sentry import capture as captures
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    from collections.abc import Callable

_HOOKED: Final = "_pazpaz_otel_hook"
_SILENT: Final = ("pazpaz_otel", "sentry_sdk", "opentelemetry", "urllib3")
"""Loggers that would report the reporting."""
_CONTEXT: Final = "_pazpaz_otel_context"

_tasks: weakref.WeakKeyDictionary[asyncio.Future[Any], contextvars.Context] = weakref.WeakKeyDictionary()
_watched: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()


def install() -> None:
    """Set every hook of the process. Harmless when called twice."""
    _hook(logging.Logger, "callHandlers", _call_handlers)
    _hook(threading.Thread, "start", _start_thread)
    _hook(threading, "excepthook", _thread_failed)
    _hook(sys, "excepthook", _process_failed)
    _hook(sys, "unraisablehook", _unraisable)


def report(exc: BaseException, mechanism: str, *, handled: bool) -> None:
    """Capture an exception. Never raises.

    Args:
        exc: the exception.
        mechanism: what caught it: one of `compile.sentry.MECHANISMS`.
        handled: whether the application caught it.
    """
    try:
        if not request.capturing():
            return
        event, hint = event_from_exception(
            exc, client_options=sentry_sdk.get_client().options, mechanism={"type": mechanism, "handled": handled}
        )
        sentry_sdk.capture_event(event, hint=hint)
    except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
        account.fail("sentry", error)


def watch_loop() -> None:
    """Report what nobody awaits in the running event loop, with the context of its task. Cheap when called again."""
    loop = asyncio.get_running_loop()
    if loop in _watched:
        return
    _watched.add(loop)
    before = loop.get_exception_handler()

    def failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        exc = context.get("exception")
        if isinstance(exc, Exception):
            _context_of(context.get("future") or context.get("task")).run(report, exc, "asyncio", handled=False)
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(failed)
    if sys.version_info < (3, 12) and loop.get_task_factory() is None:
        loop.set_task_factory(_task)


def _task(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> asyncio.Task[Any]:
    """A task whose context can be found again (`Task.get_context` is there from 3.12 on)."""
    context = kwargs.pop("context", None) or contextvars.copy_context()
    task = asyncio.Task(coro, loop=loop, context=context, **kwargs)
    _tasks[task] = context
    return task


def _context_of(future: Any) -> contextvars.Context:
    found = future.get_context() if hasattr(future, "get_context") else _tasks.get(future) if future else None
    return contextvars.copy_context() if found is None else found.copy()


def _hook(owner: Any, name: str, around: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    if getattr(original, _HOOKED, False):
        return

    @functools.wraps(original)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(hooked, _HOOKED, True)
    setattr(owner, name, hooked)


def _call_handlers(original: Callable[..., None], logger: logging.Logger, record: logging.LogRecord) -> None:
    original(logger, record)
    level = record.levelno
    if level < logging.INFO or record.name.startswith(_SILENT):
        return
    try:
        current = request.current()
        if current is not None:
            current.crumbs.append((record.created, record.levelname.lower(), record.name, _crumb_text(record)))
        if level >= logging.ERROR:
            _log(record)
    except Exception as error:  # noqa: BLE001
        account.fail("sentry", error)


def _crumb_text(record: logging.LogRecord) -> str | None:
    message = record.msg
    if type(message) is str and text.is_proven(message):
        return message
    found, _ = captures.template(record, sys._getframe(1))  # noqa: SLF001
    return found


def _log(record: logging.LogRecord) -> None:
    """Make an event of a log record, unless the SDK's logging integration does."""
    client = sentry_sdk.get_client()
    if not request.capturing() or client.get_integration("logging") is not None:
        return
    exc = _logged_exception(record)
    event: dict[str, Any] = {}
    hint: dict[str, Any] = {}
    if exc is not None:
        made, hint = event_from_exception(
            exc, client_options=client.options, mechanism={"type": "logging", "handled": True}
        )
        event = dict(made)
    elif isinstance(record.msg, str) and record.msg.lstrip().startswith("Traceback ("):
        # ASGI servers log a failed start as the text of its traceback; the exception itself was captured.
        account.drop("sentry", "unproven_text")
        return
    event |= {"level": record.levelname.lower(), "logger": record.name}
    sentry_sdk.capture_event(event, hint=hint | {"log_record": record})  # type: ignore[arg-type]


def _logged_exception(record: logging.LogRecord) -> BaseException | None:
    if record.exc_info and record.exc_info[1] is not None:
        return record.exc_info[1]
    # structlog renders the exception into the text; it is the one being handled where the call stands.
    rendered = "exc_info" in record.msg or "exception" in record.msg if isinstance(record.msg, (dict, str)) else False
    structured = isinstance(record.msg, dict) or (isinstance(record.msg, str) and record.msg.startswith("{"))
    return sys.exc_info()[1] if rendered and structured else None


def _start_thread(original: Callable[..., None], thread: threading.Thread) -> None:
    setattr(thread, _CONTEXT, contextvars.copy_context())
    original(thread)


def _thread_failed(original: Callable[..., None], args: threading.ExceptHookArgs) -> None:
    if isinstance(args.exc_value, Exception):
        context = getattr(args.thread, _CONTEXT, None)
        (context or contextvars.copy_context()).copy().run(report, args.exc_value, "threading", handled=False)
    original(args)


def _process_failed(original: Callable[..., None], kind: Any, exc: Any, traceback: Any) -> None:
    if isinstance(exc, Exception):
        report(exc, "excepthook", handled=False)
    original(kind, exc, traceback)


def _unraisable(original: Callable[..., None], unraisable: Any) -> None:
    if isinstance(unraisable.exc_value, Exception):
        report(unraisable.exc_value, "unraisablehook", handled=False)
    original(unraisable)
