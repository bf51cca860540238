"""Prove free text where it is written: names of spans and events, descriptions of statuses, exceptions.

When a span ends, the statements that named it have returned long ago. So the methods that write text prove it, and the
guard at the exit only checks what was proven. Composed text is written as its template.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace.status import Status

from pazpaz_otel import patches
from pazpaz_otel.otel import database_errors
from pazpaz_otel.redact import drops, exceptions, text, written
from pazpaz_otel.redact.by_identity import ByIdentity
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.printing import AskedOnce, said
from pazpaz_otel.redact.provenance.callers import first_outside
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.places import MAX_DEPTH, Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_DATABASE: Final = frozenset({"db.system", "db.system.name"})
_recorded: Final[ByIdentity[BaseException, tuple[int, ...]]] = ByIdentity()
"""The ids of the span that recorded an exception last."""
_BETWEEN: Final = ("opentelemetry.sdk.", "opentelemetry.trace.", "opentelemetry.metrics.", "opentelemetry._logs.")


def prove_at_the_source(guard: Guard) -> None:
    """Wrap the methods that write free text; repeated calls change nothing."""
    for writer in ("span.update_name", "tracer.start_as_current", "tracer.proxy.start_as_current"):
        patches.install(writer, functools.partial(_naming, guard))
    patches.install("span.add_event", functools.partial(_adding_event, guard))
    patches.install("span.set_status", functools.partial(_describing, guard))
    patches.install("scope.init", functools.partial(_scoping, guard))
    patches.install("span.record_exception", functools.partial(_guarding_exceptions, guard))
    patches.install("span.set_attribute.written", functools.partial(_setting_one, guard))
    patches.install("span.set_attributes.written", functools.partial(_setting_many, guard))


def prove_name(span: Any, guard: Guard) -> None:
    """Prove the name of a starting span, and the names in its attributes.

    For a processor's `on_start`, which the naming statement calls.
    """
    # Skip the frames of the processors, `Span.start` and `Tracer.start_span`.
    frame = sys._getframe(3)  # noqa: SLF001
    try:
        name = span.name
        told = text.exact(name)
        # A statement's table will name its span; proving the name here would read a framework's sources, for a second.
        if told is not None and not guard.names.is_made_of_statement(name, span.instrumentation_scope):
            shown = _judged(name, guard, frame, MAX_DEPTH + 2)
            if shown != told or type(shown) is text.Refused:
                span.update_name(shown)
    except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("span", error)
        with contextlib.suppress(Exception):
            span.update_name(written.refused(span.name))
    try:
        # The SDK's mapping locks for every read, but nobody else has the span yet.
        held: Any = getattr(span, "_attributes", None)
        attributes = getattr(held, "_dict", held)
        if type(attributes) is dict:
            attributes.update(_told(attributes, guard, frame))
    except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("span", error)


def _told(attributes: dict[str, Any], guard: Guard, frame: FrameType) -> dict[str, Any]:
    return written.marked(attributes, guard, Running(frame, MAX_DEPTH + 2))


def _setting_one(guard: Guard, original: Any) -> Callable[..., Any]:
    def set_attribute(self: Any, key: Any, value: Any) -> Any:
        if type(key) is str and key in guard.attributes.written:
            value = _told({key: value}, guard, sys._getframe(1))[key]  # noqa: SLF001
        return original(self, key, value)

    return set_attribute


def _setting_many(guard: Guard, original: Any) -> Callable[..., Any]:
    def set_attributes(self: Any, attributes: Any) -> Any:
        return original(self, _plainly(attributes, guard, sys._getframe(1)))  # noqa: SLF001

    return set_attributes


def _plainly(attributes: Any, guard: Guard, frame: FrameType) -> Any:
    """Return attributes with their names and texts as the statement proves or refuses them."""
    if not issubclass(type(attributes), Mapping):
        return attributes
    # A mapping of another class may have other items the next time.
    given = attributes if type(attributes) is dict else dict(attributes)
    return given if guard.attributes.written.isdisjoint(given) else given | _told(given, guard, frame)


def _judged(name: Any, guard: Guard, frame: FrameType, depth: int = MAX_DEPTH) -> str:
    """Return a name as the statement proves or refuses it, or unchanged if it may leave whoever says it."""
    if isinstance(name, (text.Proven, text.Refused)):
        return name
    names, told = guard.names, str.__str__(name)
    if names.known(told) is not None or (not text.is_proven(told) and names.composed(told) is not None):
        return told
    found = text.judge(told, Running(frame, depth))
    if found.text is not None:
        return text.Proven(found.text)
    return text.Refused(told) if names.composed(told) is None else told


def _shown(name: Any, guard: Guard, frame: FrameType) -> str:
    try:
        return _judged(name, guard, frame)
    except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("span", error)
        return text.Refused(str.__str__(name))


def _naming(guard: Guard, original: Any) -> Callable[..., Any]:
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = args[0] if args else kwargs.get("name")
        if text.exact(name) is not None:
            shown = _shown(name, guard, sys._getframe(1))  # noqa: SLF001
            if args:
                args = (shown, *args[1:])
            else:
                kwargs["name"] = shown
        return original(self, *args, **kwargs)

    return wrapper


def _adding_event(guard: Guard, original: Any) -> Callable[..., Any]:
    def add_event(self: Any, name: Any, attributes: Any = None, timestamp: Any = None) -> Any:
        frame = sys._getframe(1)  # noqa: SLF001
        if text.exact(name) is not None:
            name = _shown(name, guard, frame)
        return original(self, name, _plainly(attributes, guard, frame), timestamp)

    return add_event


def _describing(guard: Guard, original: Any) -> Callable[..., Any]:
    def set_status(self: Any, status: Any = None, description: Any = None) -> Any:
        given = status.description if isinstance(status, Status) else description
        try:
            with AskedOnce():
                shown = _described(given, guard)
        except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
            drops.fail("span", error)
            shown = written.refused(given)
        if not isinstance(status, Status):
            description = shown
        elif shown is not given:
            status = Status(status.status_code, shown)
        return original(self, status, description)

    return set_status


def _described(given: Any, guard: Guard) -> Any:
    description = text.exact(given)
    if description is None:
        # The SDK leaves out what isn't a text, and would first ask it whether it is empty.
        return None
    # The SDK checks whether a description is empty: pass only its characters.
    if not description or type(given) is text.Refused:
        return given
    handled = sys.exc_info()[1]
    if handled is not None:
        told, kind = said(handled) or "", type(handled).__name__
        if description in {told, f"{kind}: {told}"}:
            message = judge_message(handled, messages=guard.messages).text
            shown = text.PLACEHOLDER if message is None else message
            return shown if description == told else f"{kind}: {shown}"
    found = text.judge(description, Running(sys._getframe(1)), guard.messages)  # noqa: SLF001
    return text.Refused(description) if found.text is None else found.text


def _scoping(guard: Guard, original: Any) -> Callable[..., Any]:
    def is_known(value: object) -> bool:
        # Proving a text reads the sources of the frames that requested the scope, which are megabytes for a framework.
        told = text.exact(value)
        if not told or text.is_name(told) or module_proven(told):
            return True
        return bool(guard.evidence.version(told) or guard.names.schema_url(told))

    def __init__(self: Any, name: Any, version: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        with drops.contained("scope"):
            for value in (name, version):
                if not is_known(value):
                    text.prove_name(value, first_outside(sys._getframe(1), _BETWEEN))  # noqa: SLF001
        original(self, name, version, *args, **kwargs)

    return __init__


def _guarding_exceptions(guard: Guard, _: Any) -> Callable[..., Any]:
    """Replace the SDK's method, which reads the source lines of every frame and keeps their files in memory."""

    def record_exception(
        self: Any, exception: BaseException, attributes: Any = None, timestamp: Any = None, escaped: bool = False
    ) -> None:
        told: dict[str, Any] = {}
        with drops.contained("span_event"):
            if _is_recorded(self, exception) and not attributes and timestamp is None:
                return
            # Only here are the exception's own objects available: what they prove is cached.
            view = exceptions.view(exception, guard.messages)
            told = {
                "exception.type": view.type,
                "exception.message": text.Proven(view.message or ""),
                "exception.stacktrace": exceptions.render(view),
                "exception.escaped": str(escaped),
            }
            if not _DATABASE.isdisjoint(self.attributes or {}):
                database_errors.tell(self, exception)
            told.update(attributes or {})
        self.add_event("exception", told, timestamp)

    return record_exception


def _is_recorded(span: Any, exception: BaseException) -> bool:
    """Return whether a span has this exception: middleware and the span's own block both record what passes them."""
    ids = tuple(span.get_span_context()[:2])
    # An application's own class may have made even this raise.
    with contextlib.suppress(Exception):
        if _recorded.get(exception) == ids:
            return True
        _recorded.keep(exception, ids)
    return False
