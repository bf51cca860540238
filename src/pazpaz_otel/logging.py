"""Guards for the log lines that an application writes itself, to standard output or a file.

`guard_event` is a structlog processor, `GuardedFormatter` a formatter for the standard library. Both keep a line's
template from the source, and those of its values whose key is in the policy.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, Literal

from pazpaz_otel import runtime
from pazpaz_otel.redact import access_lines, drops, text
from pazpaz_otel.redact.log_line import guarded_event, guarded_record

__all__ = ["GuardedFormatter", "guard_event"]


def guard_event(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Guard a structlog event; put it first, or right after `merge_contextvars`.

    The event leaves as its template, an exception as its stack trace without source lines, and a value if the policy
    names its key and the value is of that kind. What later processors add (time, ids) isn't checked.
    This processor never raises.
    """
    return guarded_event(event_dict, runtime.guard())


class GuardedFormatter(logging.Formatter):
    """Guard what the standard library's handlers write.

    Args:
        fmt: as for `logging.Formatter`.
        datefmt: as for `logging.Formatter`.
        style: as for `logging.Formatter`.
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
        access_lines.expect()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, built from proven parts only; never raise."""
        try:
            clean = guarded_record(record, runtime.guard())
            return super().format(clean) if self._formatter is None else self._formatter.format(clean)
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("stdout", error)
            return text.PLACEHOLDER
