"""structlog: events are proven where they are logged, whatever renders them, and exported whatever logger writes them.

With its default logger factory, structlog prints, and nothing else sees the event; this module exports it.
"""

from __future__ import annotations

import functools
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations import structured
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.redact import drops, log_templates, text
from pazpaz_otel.redact.exception_text import judge_near
from pazpaz_otel.redact.exceptions import exception_in
from pazpaz_otel.redact.fields import bound_fields, prove_fields, remember_fields
from pazpaz_otel.redact.log_templates import Event
from pazpaz_otel.redact.logger_names import prove_asked
from pazpaz_otel.redact.provenance.callers import awaiting, first_outside
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.provenance.places import Spot

_DEPTH: Final = 16
_OWN: Final = "pazpaz_otel."
_OWN_KEYS: Final = frozenset({"event", "exc_info", "stack_info", "positional_args"})


def _watch(_: Any, wiring: Wiring) -> None:
    patches.install("structlog.process_event", functools.partial(_processing, wiring))
    patches.install("structlog.bind", structured.binding)


def _processing(wiring: Wiring, original: Any) -> Callable[..., Any]:
    def process_event(self: Any, method_name: str, event: Any, event_kw: dict[str, Any]) -> Any:
        if _is_disabled(self._logger, method_name):
            return original(self, method_name, event, event_kw)
        # Do it before the processors, which may change the event and drop its exception.
        told = _told(self, event, event_kw, wiring)
        result = original(self, method_name, event, event_kw)
        try:
            _hand_on(self, method_name, told, result)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("log", error)
        return result

    return process_event


def _is_disabled(logger: Any, method_name: str) -> bool:
    """Return whether what the processors make is thrown away: they run even where the logger's level is higher."""
    level = structured.LEVELS.get(method_name)
    if level is None or not isinstance(logger, (logging.Logger, logging.LoggerAdapter)):
        return False
    try:
        return not logger.isEnabledFor(level)
    except Exception:  # noqa: BLE001 - an application's own logger may raise; then its method will
        return False


def _told(bound: Any, event: Any, event_kw: dict[str, Any], wiring: Wiring) -> Event | None:
    try:
        fields = {**bound_fields(), **bound._context, **event_kw}  # noqa: SLF001 - what the processors will be given
        spots = _spots()
        template = text.judge(event, spots, wiring.guard.messages).text if isinstance(event, str) else None
        template = judge_near(event, wiring.guard.messages) if template is None else template
        error = exception_in(fields.get("exc_info"))
        plain = {key: value for key, value in fields.items() if key not in _OWN_KEYS}
        return Event(None, template, plain, prove_fields(plain, spots, event_kw), error)
    except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
        drops.fail("log", error)
        return None


def _hand_on(bound: Any, method_name: str, told: Event | None, result: Any) -> None:
    if told is None:
        return
    args, kwargs = result
    told.message = args[0] if args else kwargs.get("msg", kwargs.get("event"))
    if isinstance(bound._logger, (logging.Logger, logging.LoggerAdapter)):  # noqa: SLF001
        log_templates.current.set(told)
        return
    frame = awaiting() or first_outside(sys._getframe(2), ("structlog.",))  # noqa: SLF001
    structured.export(told, structured.LEVELS.get(method_name, logging.INFO), frame)


def _spots() -> Iterable[Spot]:
    """Return the running places of a log call, and of the coroutine that logs from another thread."""
    frame = awaiting()
    if frame is None:
        return Running(sys._getframe(3), _DEPTH)  # noqa: SLF001
    return [*Running(sys._getframe(3), 2), *Running(frame, _DEPTH)]  # noqa: SLF001


def _requesting(original: Any) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        with drops.contained("log"):
            frame = sys._getframe(1)  # noqa: SLF001
            for name in self._logger_factory_args:
                if type(name) is str:
                    prove_asked(name, frame)
            remember_fields(self._initial_values, Running(frame, _DEPTH))

    return __init__


def _outside(original: Any) -> Callable[..., Any]:
    def find(additional_ignores: list[str] | None = None, **kwargs: Any) -> Any:
        return original([*(additional_ignores or ()), _OWN], **kwargs)

    return find


LIBRARY: Final = Library(
    name="structlog",
    package="structlog",
    watch={
        "structlog._base": _watch,
        "structlog._config": lambda _, _wiring: patches.install("structlog.request", _requesting),
        "structlog.contextvars": lambda _, _wiring: patches.install("structlog.bind_contextvars", structured.binding),
        "structlog.processors": lambda _, _wiring: patches.install("structlog.callsite", _outside),
    },
)
