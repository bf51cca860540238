"""Prove free text where it is written: names of spans and events, descriptions of statuses, exceptions.

When a span ends, the statements that named it have returned long ago. So the methods that write text prove it, and the
guard at the exit only checks what was proven. Composed text is written as its template.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace.status import Status

from pazpaz_otel import patches
from pazpaz_otel.otel.database_errors import told_by
from pazpaz_otel.redact import drops, exceptions, text
from pazpaz_otel.redact.exception_text import judge_message, printed
from pazpaz_otel.redact.provenance.places import MAX_DEPTH, Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_DATABASE: Final = frozenset({"db.system", "db.system.name"})
_BETWEEN: Final = ("opentelemetry.sdk.", "opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs")


def prove_at_the_source(guard: Guard) -> None:
    """Wrap the methods that write free text; repeated calls change nothing."""

    def named(name: Any) -> Any:
        return _named(name, guard)

    for writer in ("span.update_name", "span.add_event", "tracer.start_as_current", "tracer.proxy.start_as_current"):
        _rewriting(writer, "name", named)
    patches.install("span.set_status", _describing(guard))
    patches.install("scope.init", functools.partial(_scoping, guard))
    patches.install("span.record_exception", _guarding_exceptions(guard))
    patches.install("span.set_attribute.written", _setting_one(guard.attributes.written))
    patches.install("span.set_attributes.written", _setting_many(guard.attributes.written))


def prove_name(span: Any, guard: Guard) -> None:
    """Prove the name of a starting span, and the names in its attributes.

    For a processor's `on_start`, which the naming statement calls.
    """
    try:
        name = span.name
        told = text.exact(name)
        # A statement's table will name its span; proving the name here would read a framework's sources, for a second.
        if (
            told is not None
            and guard.names.proven(told) is None
            and not guard.names.is_made_of_statement(name, span.instrumentation_scope)
        ):
            # Skip the frames of the processors, `Span.start` and `Tracer.start_span`.
            shown = _template(told, MAX_DEPTH + 2)
            if shown is not name:
                span.update_name(shown)
        # The SDK's mapping locks for every read, but nobody else has the span yet.
        held: Any = getattr(span, "_attributes", None)
        attributes = getattr(held, "_dict", held)
        if attributes.__class__ is dict and not guard.attributes.written.isdisjoint(attributes):
            for key in guard.attributes.written.intersection(attributes):
                _prove_value(attributes[key], sys._getframe(3))  # noqa: SLF001
    except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("span", error)


def _prove_value(value: Any, frame: FrameType) -> None:
    """Prove a name in a span's attributes, such as a queue's, by the running statements."""
    for name in value if type(value) in {tuple, list} else (value,):
        if type(name) is str and not text.is_proven(name):
            text.prove(name, frame, MAX_DEPTH + 2)


def _setting_one(written: frozenset[str]) -> Callable[[Any], Callable[..., Any]]:
    def around(original: Any) -> Callable[..., Any]:
        def set_attribute(self: Any, key: Any, value: Any) -> Any:
            if type(key) is str and key in written:
                try:
                    _prove_value(value, sys._getframe(1))  # noqa: SLF001
                except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
                    drops.fail("span", error)
            return original(self, key, value)

        return set_attribute

    return around


def _setting_many(written: frozenset[str]) -> Callable[[Any], Callable[..., Any]]:
    def around(original: Any) -> Callable[..., Any]:
        def set_attributes(self: Any, attributes: Any) -> Any:
            if type(attributes) is dict and not written.isdisjoint(attributes):
                try:
                    for key in written.intersection(attributes):
                        _prove_value(attributes[key], sys._getframe(1))  # noqa: SLF001
                except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
                    drops.fail("span", error)
            return original(self, attributes)

        return set_attributes

    return around


def _named(name: Any, guard: Guard) -> Any:
    """Return the template of a composed name; return literals and unproven names unchanged."""
    told = text.exact(name)
    if told is None:
        return name
    return told if guard.names.proven(told) is not None else _template(told)


def _template(name: str, reach: int = MAX_DEPTH) -> str:
    """Return the template of a name that isn't proven yet, by the statements that called the writer."""
    found = text.judge(name, Running(sys._getframe(4), reach))  # noqa: SLF001
    return found.text if isinstance(found, text.Template) else name


def _rewriting(writer: str, argument: str, rewrite: Callable[[Any], Any]) -> None:
    def around(original: Any) -> Callable[..., Any]:
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                if args:
                    args = (rewrite(args[0]), *args[1:])
                elif argument in kwargs:
                    kwargs[argument] = rewrite(kwargs[argument])
            except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
                drops.fail("span", error)
            return original(self, *args, **kwargs)

        return wrapper

    patches.install(writer, around)


def _describing(guard: Guard) -> Callable[[Any], Callable[..., Any]]:
    def around(original: Any) -> Callable[..., Any]:
        def set_status(self: Any, status: Any = None, description: Any = None) -> Any:
            try:
                if isinstance(status, Status):
                    shown = _described(status.description, guard)
                    if shown is not status.description:
                        status = Status(status.status_code, shown)
                else:
                    description = _described(description, guard)
            except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
                drops.fail("span", error)
            return original(self, status, description)

        return set_status

    return around


def _described(given: Any, guard: Guard) -> Any:
    description = text.exact(given)
    if description is None:
        # The SDK leaves out what isn't a text, and would first ask it whether it is empty.
        return None
    # The SDK checks whether a description is empty: pass only its characters.
    if not description or text.is_proven(description):
        return description
    handled = sys.exc_info()[1]
    if handled is not None:
        told, kind = printed(handled)[0], type(handled).__name__
        if description in {told, f"{kind}: {told}"}:
            message = judge_message(handled, messages=guard.messages).text
            shown = text.PLACEHOLDER if message is None else message
            return shown if description == told else f"{kind}: {shown}"
    found = text.judge(description, Running(sys._getframe(2)), guard.messages)  # noqa: SLF001
    return found.text if isinstance(found, text.Template) else description


def _scoping(guard: Guard, original: Any) -> Callable[..., Any]:
    def is_known(value: object) -> bool:
        # Proving a text reads the sources of the frames that requested the scope, which are megabytes for a framework.
        told = text.exact(value)
        return not told or bool(
            exceptions.module_proven(told) or guard.evidence.version(told) or guard.names.schema_url(told)
        )

    def __init__(self: Any, name: Any, version: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        try:
            for value in (name, version):
                if not is_known(value):
                    text.prove(value, _asking(sys._getframe(1)))  # noqa: SLF001
        except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
            drops.fail("scope", error)
        original(self, name, version, *args, **kwargs)

    return __init__


def _asking(frame: FrameType | None) -> FrameType | None:
    """Return the frame that requests a scope from a provider: the first outside OpenTelemetry's SDK and API."""
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_BETWEEN):
        frame = frame.f_back
    return frame


def _tell_of_statement(span: Any, error: BaseException) -> None:
    """Set the database's error on the span of a driver's statement."""
    attributes = span.attributes or {}
    if not _DATABASE.isdisjoint(attributes):
        for key, value in told_by(error).items():
            span.set_attribute(key, value)


def _guarding_exceptions(guard: Guard) -> Callable[[Any], Callable[..., Any]]:
    def around(original: Any) -> Callable[..., Any]:
        def record_exception(
            self: Any, exception: BaseException, attributes: Any = None, *args: Any, **kwargs: Any
        ) -> Any:
            told: dict[str, str] = {}
            try:
                # Only here are the exception's own objects available: what they prove is cached, and the stack trace is
                # written again without source lines, before the SDK's own.
                view = exceptions.view(exception, guard.messages)
                told = {"exception.type": view.type, "exception.stacktrace": exceptions.render(view)}
                if view.message:
                    told["exception.message"] = view.message
                _tell_of_statement(self, exception)
                return original(self, exception, {**told, **(attributes or {})}, *args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - the SDK raises where an exception can't be printed
                drops.fail("span_event", error)
                return self.add_event("exception", told)

        return record_exception

    return around
