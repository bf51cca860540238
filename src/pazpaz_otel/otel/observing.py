"""Whether the callbacks of observable instruments are to be asked in this collection.

A ledger collects every second; callbacks were written for the export's interval, and may ask a database.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_asked: Final[ContextVar[bool]] = ContextVar("pazpaz_otel_observing", default=True)


def is_asked() -> bool:
    """Whether this collection asks the callbacks."""
    return _asked.get()


@contextmanager
def unasked() -> Iterator[None]:
    """Collects what was recorded, and asks no callback."""
    token = _asked.set(False)
    try:
        yield
    finally:
        _asked.reset(token)
