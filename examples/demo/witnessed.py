"""The reference backend, watched: what each log call knew is written beside what the guard made of it.

`uvicorn demo.witnessed:app --app-dir examples`. The application is the same; only the log guard is called through here.
`DEMO_WITNESS` names the file; `DEMO_OPEN_DOOR=true` puts one unguarded handler beside the application's, for one line.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice_api import logs

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_INTERNAL = frozenset(
    {
        "_record",
        "_from_structlog",
        "event",
        "timestamp",
        "trace_id",
        "span_id",
        "request_id",
        "logger",
        "level",
        "exc_info",
        "message",
    }
)
_guard = logs.guard_event
_file = Path(os.environ["DEMO_WITNESS"]).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - open as long as the process


def _witness(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    knew = _knew(event)
    left = _guard(logger, method, event)
    _file.write(json.dumps({"knew": knew, "template": str(left.get("event"))}, ensure_ascii=False) + "\n")
    return left


def _knew(event: MutableMapping[str, Any]) -> str:
    fields = [f"{key}={value}" for key, value in event.items() if key not in _INTERNAL]
    error = event.get("exc_info")
    error = error[1] if isinstance(error, tuple) else sys.exc_info()[1] if error is True else error
    return "  ".join([str(event.get("event")), *fields, *([f"{type(error).__name__}: {error}"] if error else [])])


class _OpenDoor(logging.StreamHandler[Any]):
    """What somebody adds for an afternoon and forgets: a handler with a formatter of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.args:
            super().emit(record)
            logging.getLogger(record.name).removeHandler(self)


logs.guard_event = _witness

from practice_api.main import app  # noqa: E402 - the application takes the guard when it is imported

if os.environ.get("DEMO_OPEN_DOOR") == "true":
    door = _OpenDoor(sys.stdout)
    door.setFormatter(logging.Formatter("DEBUG %(message)s"))
    logging.getLogger("practice_api.routes.session_notes").addHandler(door)

__all__ = ["app"]
