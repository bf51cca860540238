"""Starts sentry-sdk with the guard in place, and says why where it can't."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pazpaz_otel.imports import when_imported
from pazpaz_otel.redact import drops
from pazpaz_otel.sentry.notice import log_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.settings import Settings

    Hooks = Iterable[tuple[str, Callable[[Any], None]]]

SHUTDOWN: Final = 2.0
"""Seconds that the process waits at its end for errors to leave."""


class SentryTestError(Exception):
    """What `pazpaz-otel doctor --send-test-error` sends."""


def start(settings: Settings, guard: Guard, libraries: Hooks = ()) -> bool:
    """Guard every Sentry client of the process and, where a DSN is set, start one. Never raises.

    Call it after the tracer provider is set (queries and outgoing calls become breadcrumbs through a span processor)
    and before the application is made. Without a DSN, the guard waits for the application to import `sentry_sdk`.

    Args:
        settings: the DSN, the environment and the release.
        guard: what may leave, and what the process can prove.
        libraries: for each module that errors come from, what captures them as soon as the module is loaded.

    Returns:
        Whether a client was started.
    """
    try:
        if not settings.sentry_dsn:
            log_once("Sentry is off: SENTRY_DSN isn't set", level=logging.DEBUG)
            when_imported("sentry_sdk", lambda _: _guard(settings, guard, libraries), _failed)
            return False
        _guard(settings, guard, libraries)
        return _init(settings)
    except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
        drops.fail("sentry", error)
        log_once("Sentry is off: it could not be started")
        return False


def shut() -> None:
    """Leave every Sentry client of the process without a transport: no guard stands at it. Never raises."""
    try:
        when_imported("sentry_sdk", lambda _: _shut(), _failed)
    except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
        drops.fail("sentry", error)


def flush(timeout: float) -> None:
    """Let the errors that are held leave, in so many seconds and in `SHUTDOWN` seconds at most."""
    loaded = sys.modules.get("sentry_sdk")
    if loaded is not None:
        loaded.flush(min(timeout, SHUTDOWN))


def send_test_error(timeout: float = 5.0) -> str | None:
    """Send the test error of `pazpaz-otel doctor --send-test-error`; call `start` before.

    Args:
        timeout: seconds to wait for it to leave.

    Returns:
        The event's id (32 hexadecimal digits); None where no client is running, the guard dropped the error, or the
        server didn't take it (why, was said).
    """
    import sentry_sdk  # noqa: PLC0415  # half a second for who doesn't use it

    if not sentry_sdk.get_client().is_active():
        return None
    lost = _lost()
    try:
        _fail()
    except SentryTestError as error:
        sent = sentry_sdk.capture_exception(error)
    sentry_sdk.flush(timeout)
    return sent if _lost() == lost else None


def _lost() -> int:
    """Return how many errors the guard or the transport gave up."""
    reasons = ("export_failed", "queue_full", "guard_failed")
    return sum(drops.snapshot().get(("sentry", reason), 0) for reason in reasons)


def _fail() -> NoReturn:
    raise SentryTestError("Test error for Sentry - if you see this in Sentry, it works!")


def _shut() -> None:
    from pazpaz_otel.sentry import client_patches  # noqa: PLC0415  # it imports sentry_sdk

    client_patches.shut_clients()


def _guard(settings: Settings, guard: Guard, libraries: Hooks) -> None:
    from pazpaz_otel.sentry import breadcrumbs, client_patches, hooks, link, request  # noqa: PLC0415  # they import sentry_sdk
    from pazpaz_otel.sentry.event import EventFilter, Identity  # noqa: PLC0415

    identity = Identity(environment=settings.environment, release=settings.release)
    client_patches.guard_clients(EventFilter(guard, identity))
    request.isolate()
    hooks.install()
    link.watch_spans()
    breadcrumbs.watch_spans()
    for module, capture in libraries:
        when_imported(module, capture, _failed)


def _init(settings: Settings) -> bool:
    import sentry_sdk  # noqa: PLC0415

    # An application uses what `sentry_sdk.init` loads by its default integrations, which are left out here.
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
            integrations=[AtexitIntegration(callback=_quiet)],
            shutdown_timeout=SHUTDOWN,
        )
    except Exception as error:  # noqa: BLE001  # a wrong DSN must not stop the application
        drops.fail("sentry", error)
        log_once("Sentry is off: SENTRY_DSN isn't a DSN")
        return False
    return sentry_sdk.get_client().transport is not None


def _quiet(_pending: int, _timeout: float) -> None:
    """Say nothing, where the SDK would print that it waits."""


def _failed(error: Exception) -> None:
    """Start nothing that can't be guarded: `sentry_sdk.init` does nothing from here on."""
    drops.fail("sentry", error)
    loaded = sys.modules.get("sentry_sdk")
    if loaded is not None:
        loaded.init = lambda *_, **__: None  # type: ignore[attr-defined]
    log_once("Sentry is off: its clients could not be guarded")
