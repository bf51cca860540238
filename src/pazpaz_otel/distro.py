"""The entry points of `opentelemetry-instrument`: they call the runtime's steps, and keep closed what fails.

Nothing is imported here that a new release of the SDK may move: what can fail is imported inside the step that is
watched. `configure()` calls the same steps from code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]

from pazpaz_otel import closing
from pazpaz_otel.settings import is_strict

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.util._importlib_metadata import EntryPoint


class PazPazDistro(BaseDistro):  # type: ignore[misc]
    """Puts the guards in place, and starts the instrumentations lean."""

    def _configure(self, **_: Any) -> None:
        _watched(_prepare)

    def load_instrumentor(self, entry_point: EntryPoint, **kwargs: Any) -> None:
        """Start one instrumentation as `integrations.registry` sets it."""
        _watched(lambda: _startup().instrument(entry_point, **kwargs), closes=False)


class PazPazConfigurator:
    """Configures the SDK behind the guards, then starts Sentry."""

    def configure(self, **kwargs: Any) -> None:
        """Configure the SDK; the auto-instrumentation's version is its only argument."""
        _watched(lambda: _startup().configure_sdk(_startup().runtime.prepare(), **kwargs))


def shut_unguarded() -> None:
    """Shut the exporters of providers that no guard stands at: whichever distribution was chosen, this runs."""
    _watched(lambda: _startup().shut_unguarded())


def instrument_skipped() -> None:
    """Start what the auto-instrumentation's own check of versions left out."""
    _watched(lambda: _startup().instrument_skipped(), closes=False)


def _startup() -> Any:
    from pazpaz_otel import startup  # noqa: PLC0415 - it imports the SDK's privates

    return startup


def _prepare() -> None:
    _startup().runtime.prepare()


_given_up: list[Exception] = []
"""Why the start was given up; the entry points that follow do nothing then."""


def _watched(step: Callable[[], Any], *, closes: bool = True) -> None:
    if _given_up:
        return
    try:
        step()
    except ImportError as error:
        if not closes:
            # A library that isn't installed: the auto-instrumentation leaves it out.
            raise
        _give_up(error)
    except Exception as error:  # noqa: BLE001 - the auto-instrumentation would let the application start unguarded
        if closes:
            _give_up(error)
        else:
            closing.say(f"an instrumentation could not be started: {closing.describe(error)}")


def _give_up(error: Exception) -> None:
    _given_up.append(error)
    if is_strict():
        closing.say(closing.describe(error))
        # Not SystemExit: while `sitecustomize` runs, Python makes a "Fatal Python error" and a traceback of it.
        os._exit(1)
    try:
        _startup().give_up(error, strict=False)
    except Exception:  # noqa: BLE001 - the runtime itself can't be imported, or has nothing to add
        closing.close(error)
