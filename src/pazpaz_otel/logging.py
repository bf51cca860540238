"""Guards for the lines that an application writes itself, on standard output or into a file.

`guard_event` is a structlog processor, `GuardedFormatter` a formatter of the standard library. Both let a line's
template through as the source has it, and of its values those whose key the policy names.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

from pazpaz_otel import runtime
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.log_line import guarded_event, guarded_record

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["GuardedFormatter", "guard_event"]


def guard_event(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Guard a structlog event; put it first, or right after `merge_contextvars`.

    What later processors add (time, ids) isn't asked for proof.
    The event leaves as its template, an exception as its stack trace without source lines, a value if the policy
    names its key and the value is of that kind. It never raises.
    """
    return guarded_event(event_dict, runtime.guard())


class GuardedFormatter(logging.Formatter):
    """Guard what the standard library's handlers write.

    Args:
        fmt: as `logging.Formatter` has it.
        datefmt: as `logging.Formatter` takes it.
        style: as `logging.Formatter` takes it.
        formatter: formats the guarded record instead, such as a JSON formatter.
    """

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        *,
        formatter: logging.Formatter | None = None,
    ) -> None:
        super().__init__(fmt, datefmt, style)
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, made of proven parts only; it never raises."""
        try:
            clean = guarded_record(record, runtime.guard())
            return super().format(clean) if self._formatter is None else self._formatter.format(clean)
        except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("stdout", error)
            return text.PLACEHOLDER
