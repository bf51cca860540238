"""Count what the guards dropped and where they failed; only kinds are recorded, never a text.

The instruments `pazpaz_otel.guard.dropped` and `pazpaz_otel.guard.failed` report these counts. Both label sets are
closed: an unlisted name counts as ``other``, so no caller can put a value into a label.
"""

from __future__ import annotations

import builtins
import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, get_args

from pazpaz_otel import forks
from pazpaz_otel.redact.containment import is_contained

Surface = Literal[
    "span",
    "span_name",
    "span_attribute",
    "span_event",
    "span_link",
    "span_status",
    "trace_state",
    "scope",
    "resource",
    "log",
    "log_body",
    "log_attribute",
    "metric",
    "metric_attribute",
    "metric_value",
    "exemplar",
    "baggage",
    "sentry",
    "prometheus",
    "stdout",
    "sql",
    "other",
]
Reason = Literal[
    "unlisted_key",
    "refused_value",
    "unproven_text",
    "wrong_type",
    "out_of_range",
    "too_long",
    "too_many",
    "undeclared",
    "overflow",
    "unknown_host",
    "unknown_dialect",
    "unguarded",
    "guard_failed",
    "export_failed",
    "queue_full",
    "other",
]

SURFACES: Final[frozenset[str]] = frozenset(get_args(Surface))
REASONS: Final[frozenset[str]] = frozenset(get_args(Reason))
OTHER: Final = "other"

_ERRORS: Final[frozenset[str]] = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)

Detail = Mapping[str, str]
Watcher = Callable[[str, str, str | None, str | None, Detail], None]
"""Receives the surface, reason, key, type name and details, like `tell`."""

NO_DETAIL: Final[Detail] = {}

_watcher: Watcher | None = None
_lock: Final = forks.lock()
_dropped: dict[tuple[str, str], int] = {}
_failed: dict[tuple[str, str], int] = {}
_waiting: deque[tuple[dict[tuple[str, str], int], tuple[str, str], int]] = deque()


def watch(watcher: Watcher | None) -> None:
    """Call `watcher` for every drop from now on, in the thread that drops; for a developer, never for counting."""
    global _watcher  # noqa: PLW0603 - one process, one developer
    _watcher = watcher


def watched() -> bool:
    """Return whether there is a watcher of drops."""
    return _watcher is not None


def tell(
    surface: str, reason: str, key: str | None = None, type_name: str | None = None, detail: Detail = NO_DETAIL
) -> None:
    """Report one drop to the watcher; never raise.

    Args:
        surface: one of `SURFACES`.
        reason: one of `REASONS`.
        key: the attribute's key, the instrument's name, the host or the SQL word, unchecked: the watcher proves it
            before showing it.
        type_name: the type name of an attribute's value.
        detail: what else helps to write the policy entry, in the words of the program or the policy.
    """
    if _watcher is not None:
        with contextlib.suppress(Exception):
            _watcher(surface, reason, key, type_name, detail)


def drop(surface: str, reason: str, n: int = 1, *, told: bool = False) -> None:
    """Count `n` items that were dropped.

    Args:
        surface: one of `SURFACES`; anything else counts as ``other``.
        reason: one of `REASONS`; anything else counts as ``other``.
        n: the number of items; less than 1 is ignored.
        told: whether `tell` was called for each of them.
    """
    if n <= 0:
        return
    if _watcher is not None and not told:
        tell(surface, reason)
    _waiting.append((_dropped, (surface, reason), n))
    _count()


def fail(surface: str, error: str | BaseException) -> None:
    """Count a guard that raised, by its surface and, if built into Python, the error's type.

    Args:
        surface: one of `SURFACES`; anything else counts as ``other``.
        error: the exception, or its type's name; names that aren't built into Python count as ``other``.

    Raises:
        BaseException: the error itself, where it is an exit or an interrupt that is meant for the program.
    """
    if isinstance(error, BaseException) and not is_contained(error):
        raise error
    name = error if isinstance(error, str) else type(error).__name__
    _waiting.append((_failed, (surface, name), 1))
    _count()


@contextlib.contextmanager
def contained(surface: str) -> Iterator[None]:
    """Go on after a block that raises, and count it; see `fail`. A request's path has `try` instead: it is faster."""
    try:
        yield
    except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
        fail(surface, error)


def lose(surface: str, error: BaseException) -> None:
    """Count an item that doesn't leave because its guard raised; see `fail`."""
    fail(surface, error)
    drop(surface, "guard_failed")


def snapshot() -> dict[tuple[str, str], int]:
    """Return a copy of this process's totals, by (surface, reason)."""
    _count()
    return dict(_dropped)


def failures() -> dict[tuple[str, str], int]:
    """Return a copy of this process's totals, by (surface, error type)."""
    _count()
    return dict(_failed)


def _count() -> None:
    # Whoever holds the lock counts for everyone, and nobody waits for it: a finalizer that runs during this loop may
    # log and drop, and would wait for itself.
    while _waiting and _lock.acquire(blocking=False):
        try:
            while _waiting:
                totals, (surface, other), n = _waiting.popleft()
                others = REASONS if totals is _dropped else _ERRORS
                key = surface if surface in SURFACES else OTHER, other if other in others else OTHER
                totals[key] = totals.get(key, 0) + n
        finally:
            _lock.release()


def _after_fork() -> None:
    # The parent reports its own drops.
    _waiting.clear()
    _dropped.clear()
    _failed.clear()


forks.in_child(_after_fork)
