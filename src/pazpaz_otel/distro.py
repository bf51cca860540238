"""The entry points of `opentelemetry-instrument`: they call the runtime's steps, and keep everything closed on failure.

This module imports nothing that a new release of the SDK may move; each guarded step imports what can fail.
`configure()` calls the same steps from code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]

from pazpaz_otel import collecting, fail_closed
from pazpaz_otel.settings import is_strict

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.util._importlib_metadata import EntryPoint


class PazPazDistro(BaseDistro):  # type: ignore[misc]
    """Install the guards and start the instrumentations."""

    def _configure(self, **_: Any) -> None:
        _watched(_prepare)

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: Any) -> None:
        """Start one instrumentation the way `integrations.registry` configures it."""
        _watched(lambda: _startup().instrument(entry_point, **kwargs), closes=False)


class PazPazConfigurator:
    """Configure the SDK behind the guards, then start Sentry."""

    def configure(self, **kwargs: Any) -> None:
        """Configure the SDK; the version of the auto-instrumentation is the only argument it passes."""
        _watched(lambda: _startup().configure_sdk(_startup().runtime.prepare(), **kwargs))


def shut_unguarded() -> None:
    """Shut down exporters of providers that have no guard; this runs whichever distribution was selected."""
    _watched(lambda: _startup().shut_unguarded())


def instrument_skipped() -> None:
    """Start the instrumentations that the auto-instrumentation's version check skipped."""
    _watched(lambda: _startup().instrument_skipped(), closes=False)


def _startup() -> Any:
    from pazpaz_otel import startup  # noqa: PLC0415 - it imports private names of the SDK

    return startup


def _prepare() -> None:
    _startup().runtime.prepare()


_startup_errors: list[Exception] = []
"""The error that ended the start-up; later entry points then do nothing."""


def _watched(step: Callable[[], Any], *, closes: bool = True) -> None:
    if _startup_errors:
        return
    try:
        with collecting.paused():
            step()
    except ImportError as error:
        if not closes:
            # The library isn't installed; the auto-instrumentation skips it.
            raise
        _give_up(error)
    except Exception as error:  # noqa: BLE001 - the auto-instrumentation would let the application start unguarded
        if closes:
            _give_up(error)
        else:
            fail_closed.print_once(f"an instrumentation could not be started: {fail_closed.describe(error)}")


def _give_up(error: Exception) -> None:
    _startup_errors.append(error)
    if is_strict():
        fail_closed.print_once(fail_closed.describe(error))
        # SystemExit would make Python print "Fatal Python error" and a traceback while `sitecustomize` runs.
        os._exit(1)
    try:
        _startup().give_up(error, strict=False)
    except Exception:  # noqa: BLE001 - the runtime can't be imported, or failed as well
        fail_closed.stop_export(error)
