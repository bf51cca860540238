"""loguru: messages are proven where they are logged, and are exported even if no sink passes them to `logging`.

If `PAZPAZ_OTEL_GUARD_OUTPUT` is set, sinks receive guarded records.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations import structured
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.redact import drops, emission, log_line, log_templates, text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.exceptions import exception_in
from pazpaz_otel.redact.fields import prove_fields
from pazpaz_otel.redact.log_templates import Event
from pazpaz_otel.redact.provenance.callers import first_outside
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_DEPTH: Final = 8
_EXTRA: Final = -1
"""The index in loguru's options of what is bound to the logger; index 0 is the exception."""

_FIELD: Final = re.compile(r"\{([^\W\d]\w*)?(?:[!:][^{}]*)?\}")

_UNPROVEN: Final = Event(None, None)
_told: ContextVar[Event] = ContextVar("pazpaz_otel_loguru_event", default=_UNPROVEN)


def _watch(_: Any, wiring: Wiring) -> None:
    patches.install("loguru.log", functools.partial(_exporting, wiring))
    patches.install("loguru.bind", structured.binding)
    patches.install("loguru.contextualize", structured.binding)


def _exporting(wiring: Wiring, original: Any) -> Callable[..., Any]:
    def _log(self: Any, level: Any, from_decorator: Any, options: Any, *rest: Any) -> Any:
        before = emission.emitted()
        number = _number(self._core, level)
        try:
            event = _event(self._core, options, *rest, wiring=wiring) if number is not None else _UNPROVEN
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("log", error)
            number, event = None, _UNPROVEN
        token = _told.set(event)
        try:
            # loguru finds its caller by the number of frames: ours is one more.
            result = original(self, level, from_decorator, (options[0], options[1] + 1, *options[2:]), *rest)
        finally:
            _told.reset(token)
        try:
            frame = first_outside(sys._getframe(1), ("loguru.",))  # noqa: SLF001
            if number is not None and emission.emitted() == before and not structured.is_forwarded(frame):
                structured.export(event, number, frame)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("log", error)
        return result

    return _log


def _number(core: Any, level: Any) -> int | None:
    """Return a level's number if any sink may write its messages."""
    known = core.levels_lookup.get(level)
    number = known[2] if known is not None else level
    return number if core.handlers and isinstance(number, int) and number >= core.min_level else None


def _event(core: Any, options: tuple[Any, ...], *rest: Any, wiring: Wiring) -> Event:
    message, args, kwargs = rest
    called = sys._getframe(2)  # noqa: SLF001
    running = Running(first_outside(called, ("loguru.",)), _DEPTH)
    plain = str(message)
    template = text.judge(plain, running, wiring.guard.messages).text
    if template is None:
        # `logger.catch(message=…)`: its wrapper, which is loguru's, holds the function that it decorates.
        template = text.judge(plain, Running(called, _DEPTH)).text
    template = template and _filled(template, args, kwargs, called)
    fields = {**core.extra, **_context(), **options[_EXTRA], **kwargs}
    return Event(plain, template, fields, prove_fields(fields, running, kwargs), exception_in(options[0]))


def _filled(template: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], frame: FrameType) -> str:
    """Return a template with what may leave of the exceptions among its values: `logger.error("failed: {}", error)`."""
    values = iter(args)

    def fill(field: re.Match[str]) -> str:
        name = field[1]
        value = next(values, None) if not name else kwargs.get(name)
        shown = judge_message(value, frame).text if isinstance(value, BaseException) else None
        return shown or field[0]

    return template if "{{" in template else _FIELD.sub(fill, template)


def _context() -> Mapping[str, Any]:
    """Return the fields of the running context, from `logger.contextualize`."""
    held: Any = getattr(sys.modules["loguru._logger"], "context", None)
    return held.get() if held is not None else {}


def guard_sinks(guard: Guard) -> None:
    """Let every sink, whenever it was added, receive guarded records only."""

    def emitting(original: Any) -> Callable[..., None]:
        def emit(self: Any, record: Any, *how: Any) -> None:
            if structured.is_exporting(getattr(self._sink, "_handler", None)):
                original(self, record, *how)
                return
            try:
                clean = _guarded(record, guard)
            except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
                drops.fail("stdout", error)
                return
            # The last argument is the message with its colours, which isn't guarded.
            original(_Choosing(self, record), clean, *how[:-1], None)

        return emit

    def relaying(original: Any) -> Callable[..., None]:
        def write(self: Any, message: Any) -> None:
            if type(message.record) is not _Record:
                original(self, message)
                return
            line = _Line(message)
            event = Event(line.text, line.text, error=_told.get().error)
            token = log_templates.current.set(event)
            try:
                original(self, line)
            finally:
                log_templates.current.reset(token)

        return write

    patches.install("loguru.emit", emitting)
    patches.install("loguru.failure", lambda _: lambda *_, **__: log_line.print_failure(guard))
    patches.install("loguru.relay", relaying)


class _Record(dict[str, Any]):
    """A record with proven parts only."""


class _Line:
    """A guarded line on its way to a handler of `logging`; its text is the very object that was judged."""

    def __init__(self, message: Any) -> None:
        self.text = str(message)
        self.record = message.record

    def __str__(self) -> str:
        return self.text


class _Choosing:
    """A sink whose filter sees the whole record: it may choose by what doesn't leave."""

    def __init__(self, sink: Any, record: Any) -> None:
        self._sink_of = sink
        self._filter = sink._filter and (lambda _: sink._filter(record))  # noqa: SLF001 - the emit of this very class

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sink_of, name)


def _guarded(record: Any, guard: Guard) -> _Record:
    event = _told.get()
    handed = log_line.handed.get()
    file, level, given = record["file"], record["level"], record["extra"]
    if handed is not None and record["message"] == handed.getMessage():
        # A handler of `logging` passes on what it was handed, which is guarded.
        source = handed
        event = Event(None, handed.getMessage(), error=log_templates.error_of(handed))
    else:
        source = logging.LogRecord(record["name"], 0, file.path, record["line"], "", None, None, record["function"])
        log_line.guard_place(source)
    if event.template is None:
        drops.drop("stdout", "unproven_text")
    template = text.PLACEHOLDER if event.template is None else event.template
    trace = log_line.stack_trace(event.error, guard)
    extra = guard.attributes.clean(given, "stdout")[0]
    extra |= {key: event.proven[key] for key in given.keys() & event.proven - guard.policy.attributes.keys()}
    return _Record(
        message=f"{template}\n{trace}" if trace else template,
        extra=log_line.Fields(extra),
        exception=None,
        name=source.name,
        module=source.module,
        function=source.funcName,
        file=type(file)(source.filename, source.pathname),
        line=source.lineno,
        level=type(level)(log_line.level_name(level.name), int(level.no), ""),
        process=type(record["process"])(int(record["process"].id), ""),
        thread=type(record["thread"])(int(record["thread"].id), ""),
        time=record["time"] if isinstance(record["time"], datetime) else datetime.now().astimezone(),
        elapsed=record["elapsed"] if isinstance(record["elapsed"], timedelta) else timedelta(),
    )


LIBRARY: Final = Library(name="loguru", package="loguru", watch={"loguru._logger": _watch})
