"""The entry points of `opentelemetry-instrument`: they call the runtime's steps, and keep everything closed on failure.

This module imports nothing that a new release of the SDK may move; each guarded step imports what can fail.
`configure()` calls the same steps from code.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from opentelemetry.instrumentation.distro import BaseDistro  # type: ignore[attr-defined]

from pazpaz_otel import fail_closed, notices, skipped_parts
from pazpaz_otel.imports import without_collection
from pazpaz_otel.otel.workers import is_helper
from pazpaz_otel.settings import guards_output, is_strict

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.util._importlib_metadata import EntryPoint

# The SDK reads the environment the first time as it is imported.
notices.hush_repeated()
skipped_parts.watch()


class PazPazDistro(BaseDistro):  # type: ignore[misc]
    """Install the guards and start the instrumentations."""

    def _configure(self, **_: Any) -> None:
        if is_helper():
            # The auto-instrumentation logs what it doesn't load; the guards, which this process lacks, keep that back.
            logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
        _watched(lambda: _startup().runtime.prepare())  # noqa: PLW0108 - its import may fail, too

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


startup_errors: list[BaseException] = []
"""The error that ended the start-up, which may be before there is a runtime; later entry points then do nothing."""


def _watched(step: Callable[[], Any], *, closes: bool = True) -> None:
    # A helper runs no code of the application.
    if startup_errors or (is_helper() and "opentelemetry.sdk" not in sys.modules):
        return
    try:
        with without_collection():
            step()
    except BaseException as error:
        if closes:
            # The auto-instrumentation would let the application start unguarded, if something catches it.
            _give_up(error)
        elif isinstance(error, ModuleNotFoundError):
            # The library isn't installed; the auto-instrumentation skips it.
            raise
        elif isinstance(error, Exception):
            line = f"an instrumentation could not be started: {fail_closed.describe(error)}"
            if is_strict():
                _refuse(line)
            notices.print_once(line)
        if not isinstance(error, Exception):
            raise


def _give_up(error: BaseException) -> None:
    startup_errors.append(error)
    if is_strict():
        _refuse(fail_closed.describe(error))
    try:
        _startup().give_up(error)
    except Exception:  # noqa: BLE001 - the runtime can't be imported, or failed as well
        fail_closed.stop_export(error, withholds_lines=guards_output())


def _refuse(reason: str) -> NoReturn:
    notices.print_once("; ".join([*notices.take_held(), reason]))
    # SystemExit would make Python print "Fatal Python error" and a traceback while `sitecustomize` runs.
    os._exit(1)
