"""Check that Sentry has stored an event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pazpaz_otel.tools.sentry_project.api import SentryApi

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_back(event_id: str, environment: Mapping[str, str], timeout: float = 10.0) -> bool | None:
    """Return whether Sentry has stored an event, using the token in the environment.

    Args:
        event_id: 32 hexadecimal digits.
        environment: the variables `SENTRY_ORG`, `SENTRY_PROJECT`, `SENTRY_AUTH_TOKEN` and optionally `SENTRY_URL`.
        timeout: how long to wait for it, in seconds.

    Returns:
        None if the environment has no token, organization or project.

    Raises:
        SentryApiError: Sentry rejects the token.
    """
    organization, project, token = (environment.get(f"SENTRY_{name}") for name in ("ORG", "PROJECT", "AUTH_TOKEN"))
    if not organization or not project or not token:
        return None
    api = SentryApi(environment.get("SENTRY_URL") or "https://sentry.io", organization, project, token)
    deadline = time.monotonic() + timeout
    while not api.has_event(event_id):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True
