"""Let no client of sentry-sdk send, without what guards one: that imports much that may have moved."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from pazpaz_otel import patches
from pazpaz_otel.notices import log_once
from pazpaz_otel.patches.subclasses import living


def shut() -> None:
    """Remove the transport of every client, also of those that the application creates later; never raise."""
    try:
        patches.install("sentry.make_transport", _making_none)
        patches.install("sentry.capture_event", _doing_nothing)
    except Exception:  # noqa: BLE001 - they have moved
        sys.modules["sentry_sdk"].init = _doing_nothing(None)  # type: ignore[attr-defined]
    with contextlib.suppress(Exception):
        for client in living(sys.modules["sentry_sdk.client"]._Client):  # noqa: SLF001
            transport, client.transport, client.spotlight = client.transport, None, None
            if transport is not None:
                _tell()
                transport.kill()


def _making_none(_: Any) -> Callable[..., None]:
    def make_transport(options: dict[str, Any]) -> None:
        # It sends events to a local page, past any transport.
        options["spotlight"] = False
        if options.get("dsn"):
            _tell()

    return make_transport


def _doing_nothing(_: Any) -> Callable[..., None]:
    return lambda *_args, **_kwargs: None


def _tell() -> None:
    # A literal of this statement is proven where a constant's name isn't.
    log_once("Sentry is off: without the guards nothing is sent")
