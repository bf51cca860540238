"""Optionally guard the lines of the standard library's handlers and of structlog's printing loggers.

`PAZPAZ_OTEL_GUARD_OUTPUT=true` guards all of them, including uvicorn's and gunicorn's, whatever their formatters and
whenever they are configured.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pazpaz_otel import patches
from pazpaz_otel.imports import when_imported
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.log_line import guarded_event, guarded_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pazpaz_otel.redact.guards import Guard

_OURS = ("pazpaz_otel", "opentelemetry")
_MERGING = frozenset({"merge_contextvars", "merge_threadlocal", "merge_threadlocal_context"})


def guard_output(guard: Guard) -> None:
    """Guard every line that is written from now on; repeated calls change nothing."""
    patches.install("logging.handler.format", _formatting(guard))

    def watch(_: Any) -> None:
        patches.install("structlog.output", _printing(guard))

    when_imported("structlog._base", watch, _failed)


def _failed(error: Exception) -> None:
    drops.fail("stdout", error)


def _formatting(guard: Guard) -> Callable[[Any], Callable[..., str]]:
    def around(original: Any) -> Callable[..., str]:
        def format(self: logging.Handler, record: logging.LogRecord) -> str:  # noqa: A001 - the method's name
            if type(self).__module__.startswith(_OURS):
                # Their output is guarded already.
                return str(original(self, record))
            try:
                return str(original(self, guarded_record(record, guard)))
            except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
                drops.fail("stdout", error)
                return text.PLACEHOLDER

        return format

    return around


def _printing(guard: Guard) -> Callable[[Any], Callable[..., Any]]:
    def guarded(_logger: Any, _method: str, event_dict: Any) -> Any:
        return guarded_event(event_dict, guard)

    def around(original: Any) -> Callable[..., Any]:
        def process_event(self: Any, *args: Any, **kwargs: Any) -> Any:
            # The standard library's loggers pass lines to handlers, which are guarded.
            if not isinstance(getattr(self, "_logger", None), logging.Logger) and guarded not in self._processors:
                place = merged(self._processors)
                self._processors = [*self._processors[:place], guarded, *self._processors[place:]]
            return original(self, *args, **kwargs)

        return process_event

    return around


def merged(processors: Sequence[Any]) -> int:
    """Return the index after the last structlog processor that merges context into the event."""
    merging = [index for index, processor in enumerate(processors) if getattr(processor, "__name__", "") in _MERGING]
    return max(merging, default=-1) + 1
