"""Whose code a frame runs: the application's, or that of a package between its statement and the guards."""

from __future__ import annotations

import dis
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, FrameType

OURS: Final = ("pazpaz_otel.",)
EXPORTERS: Final = (*OURS, "opentelemetry.", "sentry_sdk.")
"""Packages whose handlers and exporters are guarded."""
LOGGING: Final = (*OURS, "logging.", "opentelemetry.instrumentation.logging.")
"""Packages between a log call and the record factory."""
_WARNING: Final = "warn"
"""What `logging`'s deprecated methods are called, the only ones that give a text of their own."""
_RAISE: Final = dis.opmap["RAISE_VARARGS"]
_FACTORIES: Final = {
    ("opentelemetry.instrumentation.logging", "record_factory"),
    ("pazpaz_otel.redact.log_templates", "__call__"),
}


def awaiting() -> FrameType | None:
    """Return the frame of the coroutine that logs a structlog event from another thread, or None.

    That is how `await log.ainfo("…")` logs.
    """
    calling = getattr(sys.modules.get("structlog.contextvars"), "_ASYNC_CALLING_STACK", None)
    frame: FrameType | None = calling.get(None) if calling is not None else None
    return frame


def is_of(module: Mapping[str, Any], packages: tuple[str, ...]) -> bool:
    """Return whether a module is one of these packages, each with a dot behind it, or inside one."""
    return f"{module.get('__name__')}.".startswith(packages)


def passes_on(code: CodeType, lasti: int, module: Mapping[str, Any]) -> bool:
    """Return whether a function only passes on what its caller logs, or the name of the logger that it asks for.

    Whoever asks for a proof needn't read its source: every log call runs several of them.

    Args:
        code: the function's code.
        lasti: the byte offset of its running instruction; what `logging` raises is its own text.
        module: its globals.
    """
    name = module.get("__name__")
    if name != logging.__name__:
        return (name, code.co_name) in _FACTORIES
    return code.co_name != _WARNING and code.co_code[lasti] != _RAISE


def first_outside(frame: FrameType | None, packages: tuple[str, ...]) -> FrameType | None:
    """Return the innermost frame, from this one outwards, that runs none of these packages."""
    # Spelled out, because a log call with values passes here for each of several frames.
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith(packages):
        frame = frame.f_back
    return frame
