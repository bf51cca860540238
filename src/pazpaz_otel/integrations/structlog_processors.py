"""Guard the events that structlog's processors write: before those that print, and again after those that add."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import UserList
from collections.abc import MutableMapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pazpaz_otel.redact import drops
from pazpaz_otel.redact.log_line import guarded_event, guarded_values
from pazpaz_otel.redact.provenance.callers import awaiting, first_outside
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import function_name_proven, module_proven
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.redact.stacktrace import guard_stacktrace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_PLACING = frozenset(
    {("structlog.processors", "CallsiteParameterAdder"), ("structlog.processors", "StackInfoRenderer")}
)
_GIVEN_NAMES = frozenset({"thread_name", "process_name"})
_BETWEEN = ("structlog.", "logging.", "pazpaz_otel.")
_NOW = 60
"""How many seconds from now the time may be that an event is given."""
_TIME = re.compile(r"[0-9-]{10}[T ][0-9:]{8}([.,][0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_MERGING = frozenset({"merge_contextvars", "merge_threadlocal", "merge_threadlocal_context"})


def printing(guard: Guard, original: Any) -> Callable[..., Any]:
    """Wrap the method that calls a printing logger's processors."""

    def process_event(self: Any, *args: Any, **kwargs: Any) -> Any:
        # The standard library's loggers pass lines to handlers, which are guarded.
        if not isinstance(getattr(self, "_logger", None), logging.Logger) and not isinstance(self._processors, _Chain):
            self._processors = _Chain(self._processors, guard)
        return original(self, *args, **kwargs)

    return process_event


class _Chain(UserList[Any]):
    """A structlog logger's processors, and the guard among them where they are called.

    The list is the application's own, which `structlog.testing.capture_logs` changes for loggers that exist.
    """

    def __init__(self, processors: Any, guard: Guard) -> None:
        self.data = processors
        self._guard = guard
        self._made: tuple[list[Any], list[Any]] | None = None

    def __iter__(self) -> Iterator[Any]:
        made = self._made
        if made is None or made[0] != self.data:
            of = list(self.data)
            place = merged(of)
            called = [*of[:place], self._clean, *_after_guard(of[place:], self._guard)]
            # Together, because other threads iterate at the same time.
            made = self._made = of, called
        return iter(made[1])

    def __reduce__(self) -> tuple[type[list[Any]], tuple[list[Any]]]:
        return list, (list(self.data),)

    def _clean(self, _logger: Any, _method: str, event_dict: Any) -> Any:
        return guarded_event(event_dict, self._guard)


class _Placing:
    """A structlog processor that adds where an event was logged, after the event was guarded."""

    def __init__(self, processor: Any, guard: Guard) -> None:
        self._processor, self._guard = processor, guard

    def __call__(self, logger: Any, method: str, event_dict: Any) -> Any:
        """Add it without names that data may give, source lines, and the folders of a machine."""
        before = dict(event_dict)
        told = self._processor(logger, method, event_dict)
        told.update(dict.fromkeys(_GIVEN_NAMES.intersection(told), ""))
        if "pathname" in told:
            told["pathname"] = relative_path(told["pathname"]) or ""
        if not isinstance(told.get("_record"), logging.LogRecord) or told.get("_from_structlog"):
            placed = _place(awaiting() or first_outside(sys._getframe(1), _BETWEEN))  # noqa: SLF001
            added = [key for key in placed if key in told and (key not in before or told[key] is not before[key])]
            told.update((key, "") for key in added if told[key] not in placed[key])
        if type(told.get("stack")) is str:
            told["stack"] = guard_stacktrace(told["stack"], self._guard.messages)
        return told


def _place(frame: FrameType | None) -> dict[str, tuple[str, ...]]:
    """Return the names that a frame proves of its code, by structlog's keys; code that data made proves none."""
    code = frame.f_code if frame is not None else None
    path = code.co_filename if code is not None else ""
    file = (relative_path(path) or "").rpartition("/")[2]
    module = str(frame.f_globals.get("__name__")) if frame is not None else ""
    is_proven = code is not None and function_name_proven(code.co_name, path)
    return {
        "func_name": (code.co_name,) if code is not None and is_proven else (),
        "qual_name": (code.co_qualname,) if code is not None and is_proven else (),
        "filename": (file,),
        "module": (file.removesuffix(".py"),),
        "qual_module": (module,) if module_proven(module) else (),
    }


def rendering(guard: Guard, original: Any) -> Callable[..., str]:
    """Wrap the `format` of structlog's formatter for the standard library's handlers."""

    def format(self: Any, record: logging.LogRecord) -> str:  # noqa: A001 - the method's name
        for name in ("foreign_pre_chain", "processors"):
            chain = getattr(self, name, None) or ()
            guarded = _after_guard(chain, guard)
            if guarded != list(chain):
                setattr(self, name, guarded)
        return str(original(self, record))

    return format


def _after_guard(processors: Sequence[Any], guard: Guard) -> list[Any]:
    """Return what stands in for structlog processors that run after an event or its record was guarded."""
    return [_standing_in(one, guard, is_last=one is processors[-1]) for one in processors]


def _standing_in(processor: Any, guard: Guard, *, is_last: bool) -> Any:
    if isinstance(processor, (_Adding, _Placing)):
        return processor
    if (type(processor).__module__, type(processor).__name__) in _PLACING:
        return _Placing(processor, guard)
    is_own = not str(getattr(processor, "__module__", "")).startswith("structlog.")
    return _Adding(processor, guard, is_last=is_last) if is_own or _is_merging(processor) else processor


class _Adding:
    """A structlog processor that may add to a guarded event: an application's own, or one that merges context."""

    def __init__(self, processor: Any, guard: Guard, *, is_last: bool) -> None:
        self._processor, self._guard, self._is_last = processor, guard, is_last

    def __call__(self, logger: Any, method: str, event_dict: Any) -> Any:
        """Return the event with what may be written of the changes, or what a renderer made of guarded parts."""
        before = dict(event_dict)
        try:
            told = self._processor(logger, method, event_dict)
        except Exception as error:
            if self._is_last:
                raise
            # It may need a field that was held back.
            drops.fail("stdout", error)
            return before
        if not isinstance(told, MutableMapping):
            return told
        try:
            changed = {key: value for key, value in told.items() if key not in before or before[key] is not value}
            shown = {key: value for key, value in changed.items() if self._says(key, value, before)}
            unknown = {key: value for key, value in changed.items() if key not in shown}
            kept = {key: before[key] for key in before.keys() & unknown.keys()}
            shown |= kept | guarded_values(unknown, {"event"}, self._guard)
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("stdout", error)
            return before
        # In the processor's order, which a renderer may keep.
        return {key: shown.get(key, value) for key, value in told.items() if key in shown or key not in changed}

    def _says(self, key: object, value: object, before: dict[str, Any]) -> bool:
        """Return whether a key of the processor's module is given what the event had under another, or the time."""
        source = index_of(str(getattr(self._processor, "__module__", "")))
        if type(key) is not str or source is None or not source.has_literal(key):
            return False
        if key in source.tabled:
            # Data may pick it; the key of another field, which it stands for in the table, may not be data.
            return any(before.get(str(old), before) is value for old in source.tabled[key])
        return any(value is held or _same_letters(value, held) for held in before.values()) or _is_now(value)


def _same_letters(value: object, held: object) -> bool:
    """Return whether a text has a field's letters, in capitals perhaps, as levels are for some back ends."""
    return type(value) is str and type(held) is str and value.lower() == held.lower()


def _is_now(value: object) -> bool:
    try:
        # What `fromisoformat` takes may hold further digits, which it ignores.
        moment = datetime.fromisoformat(value) if type(value) is str and _TIME.fullmatch(value) else None
        return moment is not None and abs(moment.timestamp() - time.time()) < _NOW
    except (ValueError, OverflowError, OSError):
        return False


def _is_merging(processor: Any) -> bool:
    return getattr(processor, "__name__", "") in _MERGING


def merged(processors: Sequence[Any]) -> int:
    """Return the index after the last structlog processor that merges context into the event."""
    merging = [index for index, processor in enumerate(processors) if _is_merging(processor)]
    return max(merging, default=-1) + 1
