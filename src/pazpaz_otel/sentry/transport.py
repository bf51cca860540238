"""The last gate before Sentry: a transport that sends events made anew, and nothing else.

Whatever reaches a client's transport (events, transactions, sessions, logs, profiles, attachments, envelopes made by
hand) passes here. An item without a filter, or that can't be rebuilt, is dropped and counted.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.transport import Transport

from pazpaz_otel.redact import drops
from pazpaz_otel.sentry import capture as captures
from pazpaz_otel.sentry import flushes, link, request
from pazpaz_otel.sentry.notice import log_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.sentry.capture import Capture
    from pazpaz_otel.sentry.event import EventFilter

REBUILDERS: Final[Mapping[str, Callable[[Mapping[str, Any], Guard], dict[str, Any] | None]]] = {}
"""By item kind other than `event`: what makes a payload anew, or None; see docs/contributing/guard-a-sentry-item.md."""
FILTERED: Final = frozenset({"event", *REBUILDERS})
"""The item kinds that a filter exists for; the policy may allow fewer."""
_RATE_LIMITED: Final = frozenset({"self_rate_limits", "status_429"})


class GuardedTransport(Transport):
    """Wraps a client's transport.

    Args:
        inner: what sends.
        events: what makes events anew.
    """

    def __init__(self, inner: Transport, events: EventFilter) -> None:
        super().__init__(None)
        self.options = inner.options
        self.parsed_dsn = inner.parsed_dsn
        self._inner = inner
        self._events = events
        # As it was made: what an application writes into the options later may be of any text.
        self._identity = events.identity_of(inner.options or {})
        self._allowed = FILTERED & events.tables.items
        _close_reports(inner)

    def capture_envelope(self, envelope: Envelope) -> None:
        """Send what remains of the envelope. Never raises."""
        for item in envelope.items:
            try:
                self._take(item)
            except Exception as error:  # noqa: BLE001  # fails closed, and never breaks the application
                drops.fail("sentry", error)
                drops.drop("sentry", "guard_failed")

    def flush(self, timeout: float, callback: Any | None = None) -> None:
        """Wait `timeout` seconds for what was captured to leave; less where the process ends."""
        request.release_all()
        self._inner.flush(flushes.allowed(timeout), callback)

    def kill(self) -> None:
        """Stop sending."""
        request.release_all()
        self._inner.kill()

    def is_healthy(self) -> bool:
        """Return whether the inner transport takes more."""
        return self._inner.is_healthy()

    def _take(self, item: Item) -> None:
        if item.type not in self._allowed:
            drops.drop("sentry", "unlisted_key")
            return
        payload = item.payload.json
        if payload is None:
            payload = json.loads(item.get_bytes())
        if item.type == "event":
            self._take_event(payload)
            return
        made = REBUILDERS[item.type](payload, self._events.guard)
        if made is None:
            drops.drop("sentry", "refused_value")
            return
        anew = Item(payload=PayloadRef(json=made), type=item.type, content_type="application/json")
        self._inner.capture_envelope(Envelope({"sent_at": _now()}, [anew]))

    def _take_event(self, event: dict[str, Any]) -> None:
        running = captures.current.get()
        if running is None or running.event_id != event.get("event_id"):
            running = captures.open_capture(event, None, self._events.guard.messages)
        made = self._events.rebuild(event, running, self._identity)
        _annotate(running, made["event_id"])
        mark, served = running.mark, running.request

        def deliver(status: int | None) -> None:
            self._deliver(made, running, status)

        if mark is not None:
            mark.captured = True
            mark.capture = running
            if served is not None and served.hold(deliver):
                return
        deliver(served.status if served is not None else None)

    def _deliver(self, made: dict[str, Any], running: Capture, status: int | None) -> None:
        if running.exceptions:
            # By now the request has ended: what was logged on its way may have gone unhandled.
            for exception in made["exception"]["values"]:
                exception["mechanism"]["handled"] = running.handled
        if running.mark is not None:
            running.mark.capture = None
        envelope = Envelope({"event_id": made["event_id"], "sent_at": _now()})
        envelope.add_event(self._events.with_status(made, status))  # type: ignore[arg-type]  # the SDK's TypedDict
        self._inner.capture_envelope(envelope)


def lost(reason: str) -> None:
    """Count an envelope that the HTTP transport gave up, and say why: once for each reason.

    Args:
        reason: the SDK's word for it: `network`, `full_queue`, `self_rate_limits` or `status_` and a number.
    """
    drops.drop("sentry", "queue_full" if reason == "full_queue" else "export_failed")
    status = reason.removeprefix("status_")
    if reason in _RATE_LIMITED:
        log_once("Sentry limits the rate: errors are dropped until it takes them again")
    elif reason == "full_queue":
        log_once("Sentry takes errors more slowly than they come: the queue is full, some are dropped")
    elif status in {"401", "403", "404"}:
        log_once("Sentry refuses errors (status 401, 403 or 404): no project has the key in SENTRY_DSN")
    elif status == "413":
        log_once("Sentry refused an error (status 413): it is too large")
    elif status.startswith("5"):
        log_once("Sentry fails (status 5xx): errors are dropped until it works again")
    elif status.isdigit():
        log_once("Sentry refused an error (status 3xx or 4xx)")
    else:
        log_once("Sentry can't be reached: errors are dropped until it can")


def _annotate(running: Capture, event_id: str) -> None:
    # The server span carries an unhandled error's id; it is the active one, except in threads and tasks.
    span = running.span
    if not running.handled and not span.is_recording() and running.request is not None:
        span = running.request.span
    link.annotate(span, event_id, running.type, handled=running.handled)


def _close_reports(inner: Transport) -> None:
    """Client reports go past `capture_envelope`; what a transport gives up is counted here instead."""
    if isinstance(inner.options, dict):
        inner.options["send_client_reports"] = False
    if hasattr(inner, "on_dropped_event"):
        inner.on_dropped_event = lost


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
