"""Starts sentry-sdk with the guard in place, and says why where it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pazpaz_otel.enforce.guard import Guard


class SentrySettings(Protocol):
    """What of the settings matters here."""

    @property
    def sentry_dsn(self) -> str | None:
        """`SENTRY_DSN`."""

    @property
    def sentry_environment(self) -> str | None:
        """`deployment.environment.name`, or `SENTRY_ENVIRONMENT`."""

    @property
    def sentry_release(self) -> str | None:
        """`service.version`, or `SENTRY_RELEASE`."""


def start(settings: SentrySettings, guard: Guard) -> bool:
    """Guard every Sentry client of the process and, where a DSN is set, start one. Never raises.

    Call it after the tracer provider is set (queries and outgoing calls become breadcrumbs through a span processor)
    and before the application is imported or made. Without a DSN, the guard waits for `sentry_sdk` to be imported.

    Args:
        settings: the DSN, the environment and the release.
        guard: what may leave, and what the process can prove.

    Returns:
        Whether a client was started.
    """
    raise NotImplementedError


def send_test_error(timeout: float = 5.0) -> str | None:
    """Send the test error of `pazpaz-otel doctor --send-test-error`.

    Args:
        timeout: seconds to wait for it to leave.

    Returns:
        The event's id (32 hexadecimal digits), or None where no client is running or the guard dropped it.
    """
    raise NotImplementedError
