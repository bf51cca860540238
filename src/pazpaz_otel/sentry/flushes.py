"""Limit how long a client's flush takes: one deadline covers everything that a process does at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class _Bound:
    allowance: Callable[[float], float] | None = None


def bound(allowance: Callable[[float], float]) -> None:
    """Limit every client's flush, including that of Sentry's exit handler.

    Args:
        allowance: returns how many of the requested seconds may be used.
    """
    _Bound.allowance = allowance


def allowed(asked: float) -> float:
    """Return how many of the requested seconds may be used."""
    return asked if _Bound.allowance is None else _Bound.allowance(asked)
