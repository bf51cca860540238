"""How long a client's flush may take: the end of a process has one deadline, whoever flushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class _Bound:
    allowance: Callable[[float], float] | None = None


def bound(allowance: Callable[[float], float]) -> None:
    """Bound every client's flush, also the one of Sentry's own exit handler.

    Args:
        allowance: gives how many of the seconds that are asked for may be used.
    """
    _Bound.allowance = allowance


def allowed(asked: float) -> float:
    """Return how many of the seconds that are asked for may be used."""
    return asked if _Bound.allowance is None else _Bound.allowance(asked)
