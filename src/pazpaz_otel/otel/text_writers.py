"""Proves free text where it is made: the moment a span is named, told of an event, a status or an exception.

When a span ends, the statements that named it have long returned. So its writers prove what they write, and the
guard at the exit only asks what was proven.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from opentelemetry.trace.status import Status

from pazpaz_otel import patches
from pazpaz_otel.redact import drops, exceptions, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard


def prove_at_the_source(guard: Guard) -> None:
    """Wraps the writers of free text. Once is enough; a second call changes nothing."""

    def named(_: Any, name: Any = None, *__: Any, **___: Any) -> None:
        if isinstance(name, str) and guard.names.proven(name) is None:
            text.prove(name, _caller())

    _before("span.update_name", named)
    _before("span.add_event", named)
    _before("span.set_status", _described)
    for method in ("get_tracer", "get_meter", "get_logger"):
        _before(f"scope.{method}", _scoped)
    patches.install("span.record_exception", _guarding_exceptions)


def prove_name(span: Any, guard: Guard) -> None:
    """Prove the name of a span that starts; for a processor's `on_start`, which the naming statement calls."""
    try:
        if isinstance(name := span.name, str) and guard.names.proven(name) is None:
            # Past the processors, `Span.start` and `Tracer.start_span`.
            text.prove(name, sys._getframe(3), text.DEPTH + 2)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("span", error)


def _before(name: str, prove: Callable[..., None]) -> None:
    def around(original: Any) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                prove(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - nothing proven, nothing broken
                drops.fail("span", error)
            return original(*args, **kwargs)

        return wrapper

    patches.install(name, around)


def _described(_: Any, status: Any = None, description: Any = None, *__: Any) -> None:
    written = status.description if isinstance(status, Status) else description
    if isinstance(written, str) and written and not text.is_proven(written):
        text.prove(written, _caller())


def _scoped(_: Any, name: Any = None, version: Any = None, *__: Any, **kwargs: Any) -> None:
    for value in (name, version, *kwargs.values()):
        if isinstance(value, str) and not exceptions.module_proven(value):
            text.prove(value, _caller())


def _guarding_exceptions(original: Any) -> Callable[..., Any]:
    def record_exception(self: Any, exception: BaseException, attributes: Any = None, *args: Any, **kwargs: Any) -> Any:
        told: dict[str, str] = {}
        try:
            # The exception's own objects are at hand only here: what they prove is remembered, and the stack trace
            # is written anew, without source lines, before the SDK's own.
            view = exceptions.view(exception)
            told = {"exception.type": view.type, "exception.stacktrace": exceptions.render(view)}
            if view.message:
                told["exception.message"] = view.message
            return original(self, exception, {**told, **(attributes or {})}, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the SDK raises where an exception can't be printed
            drops.fail("span_event", error)
            return self.add_event("exception", told)

    return record_exception


def _caller() -> FrameType | None:
    # Past the prover and its wrapper, so that the bounded walk is spent on the caller's frames.
    return sys._getframe(3)  # noqa: SLF001
