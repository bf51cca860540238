"""Exceptions and stacks in Sentry's format, from the guarded view of the live objects.

See https://develop.sentry.dev/sdk/data-model/event-payloads/exception/ and `stacktrace/` beside it.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Final

from pazpaz_otel.redact.exceptions import ExceptionView, Frame, frame_of, view
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.installed import is_application

MAX_EXCEPTIONS: Final = 32
MAX_FRAMES: Final = 64
UNKNOWN: Final = "<unknown>"


def chain(exc: BaseException, mechanism: dict[str, Any], messages: Messages = NO_MESSAGES) -> list[dict[str, Any]]:
    """Return the exceptions related to `exc` in Sentry's order, with `exc` itself last."""
    made: list[dict[str, Any]] = []
    queue: list[tuple[ExceptionView, dict[str, Any]]] = [(view(exc, messages), mechanism)]
    while queue and len(made) < MAX_EXCEPTIONS:
        seen, how = queue.pop(0)
        number = len(made)
        group = {"is_exception_group": True} if seen.members else {}
        made.append(_exception(seen, {**how, "exception_id": number, **group}))
        link = {"type": "chained", "handled": mechanism["handled"], "parent_id": number}
        for linked, source in ((seen.cause, "__cause__"), (seen.context, "__context__")):
            if linked is not None:
                queue.append((linked, {**link, "source": source}))
        queue.extend((member, {**link, "source": f"exceptions[{i}]"}) for i, member in enumerate(seen.members))
    return made[::-1]


def is_ignored(exc: BaseException, names: frozenset[str]) -> bool:
    """Return whether the policy never sends this exception's class, or a group with only such members."""
    if isinstance(exc, BaseExceptionGroup):
        return all(is_ignored(member, names) for member in exc.exceptions)
    return any(cls.__name__ in names for cls in type(exc).__mro__)


def stack(frame: FrameType | None) -> list[dict[str, Any]]:
    """Return a running stack as Sentry's frames, outermost first."""
    found: list[dict[str, Any]] = []
    while frame is not None and len(found) < MAX_FRAMES:
        found.append(_frame(frame_of(frame.f_code, frame.f_globals, frame.f_lineno)))
        frame = frame.f_back
    return found[::-1]


def split(qualified: str) -> tuple[str, str]:
    """Return a class's module and its name in the module, from the qualified name."""
    module = qualified.rpartition(".")[0]
    while module and module not in sys.modules:
        module = module.rpartition(".")[0]
    return (module, qualified[len(module) + 1 :]) if module else ("builtins", qualified)


def _exception(seen: ExceptionView, mechanism: dict[str, Any]) -> dict[str, Any]:
    module, name = split(seen.type)
    value = "\n".join((seen.message or "", *seen.notes)).strip()
    made: dict[str, Any] = {"type": name, "module": module, "value": value, "mechanism": mechanism}
    if seen.frames:
        made["stacktrace"] = {"frames": [_frame(frame) for frame in seen.frames]}
    return made


def _frame(frame: Frame) -> dict[str, Any]:
    if frame.module is None:
        return {"function": UNKNOWN, "in_app": False}
    return {
        "module": frame.module,
        "function": frame.function,
        "filename": frame.file,
        "lineno": frame.line,
        "in_app": is_application(frame.module, getattr(sys.modules.get(frame.module), "__dict__", {})),
    }
