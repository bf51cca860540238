"""Start sentry-sdk with the guard in place, or log why it can't be."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pazpaz_otel.imports import when_imported
from pazpaz_otel.notices import log_once
from pazpaz_otel.redact import drops
from pazpaz_otel.sentry import closed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.settings import Settings

    Hooks = Iterable[tuple[str, Callable[[Any], None]]]
    Allowance = Callable[[float], float]

SHUTDOWN: Final = 2.0
"""The seconds for which the process waits at exit to send errors."""
_PATIENCE: Final = 5.0
"""The seconds to wait for a test error to be sent."""


class SentryTestError(Exception):
    """The error that `pazpaz-otel doctor --send-test-error` sends."""


def start(settings: Settings, guard: Guard, libraries: Hooks = (), allowance: Allowance = float) -> bool:
    """Guard every Sentry client of the process and, if a DSN is set, start one; never raise.

    Call it after the tracer provider is set, because a span processor turns queries and outgoing calls into
    breadcrumbs, and before the application is created. Without a DSN, the guard waits until the application imports
    `sentry_sdk`.

    Args:
        settings: the DSN, the environment and the release.
        guard: decides what may leave.
        libraries: for each module that raises errors, the hook that captures them once the module is loaded.
        allowance: returns how many of the seconds that a client's flush requests may be used.

    Returns:
        Whether a client was started.
    """
    try:
        if not settings.sentry_dsn:
            log_once("Sentry is off: SENTRY_DSN isn't set", level=logging.DEBUG)
            when_imported("sentry_sdk", lambda _: _guard(settings, guard, libraries, allowance), _failed)
            return False
        _guard(settings, guard, libraries, allowance)
        return _init(settings)
    except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
        drops.fail("sentry", error)
        closed.shut()
        log_once("Sentry is off: it could not be started")
        return False


def flush(timeout: float) -> None:
    """Wait up to `timeout`, and at most `SHUTDOWN`, seconds for captured errors to be sent."""
    loaded = sys.modules.get("sentry_sdk")
    if loaded is not None:
        loaded.flush(min(timeout, SHUTDOWN))


def send_test_error() -> str | None:
    """Send the test error of `pazpaz-otel doctor --send-test-error`; call `start` first.

    Returns:
        The event's id (32 hexadecimal digits), or None if no client is running, the guard dropped the error, or the
        server rejected it (which is logged).
    """
    import sentry_sdk  # noqa: PLC0415  # the import takes half a second

    if not sentry_sdk.get_client().is_active():
        return None
    lost = _dropped_errors()
    try:
        _fail()
    except SentryTestError as error:
        sent = sentry_sdk.capture_exception(error)
    sentry_sdk.flush(_PATIENCE)
    return sent if _dropped_errors() == lost else None


def _dropped_errors() -> int:
    """Return how many errors the guard or the transport has dropped."""
    reasons = ("export_failed", "queue_full", "guard_failed")
    return sum(drops.snapshot().get(("sentry", reason), 0) for reason in reasons)


def _fail() -> NoReturn:
    raise SentryTestError("Test error for Sentry - if you see this in Sentry, it works!")


def _guard(settings: Settings, guard: Guard, libraries: Hooks, allowance: Allowance) -> None:
    from pazpaz_otel.sentry import breadcrumbs, client_patches, hooks, link  # noqa: PLC0415  # they import sentry_sdk
    from pazpaz_otel.sentry.event import EventFilter, Identity  # noqa: PLC0415
    from pazpaz_otel.sentry.transport import GuardedTransport  # noqa: PLC0415

    GuardedTransport.limit_flushes(allowance)
    identity = Identity(environment=settings.environment, release=settings.release)
    client_patches.guard_clients(EventFilter(guard, identity))
    hooks.install()
    link.watch_spans()
    breadcrumbs.watch_spans()
    for module, capture in libraries:
        when_imported(module, capture, _failed)


def _init(settings: Settings) -> bool:
    import sentry_sdk  # noqa: PLC0415

    # Applications use modules that `sentry_sdk.init` loads through its default integrations, which are off here.
    import sentry_sdk.ai  # noqa: PLC0415
    import sentry_sdk.logger  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415

    try:
        sentry_sdk.init(
            dsn=settings.sentry_dsn,
            environment=settings.environment,
            release=settings.release,
            default_integrations=False,
            auto_enabling_integrations=False,
            # The SDK would print that it waits.
            integrations=[AtexitIntegration(callback=lambda *_: None)],
            shutdown_timeout=SHUTDOWN,
        )
    except Exception as error:  # noqa: BLE001  # a wrong DSN must not stop the application
        drops.fail("sentry", error)
        log_once("Sentry is off: SENTRY_DSN isn't a DSN")
        return False
    return sentry_sdk.get_client().transport is not None


def _failed(error: Exception) -> None:
    """Let no client send, because they can't be guarded."""
    drops.fail("sentry", error)
    closed.shut()
    log_once("Sentry is off: its clients could not be guarded")
