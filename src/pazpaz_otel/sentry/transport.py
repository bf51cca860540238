"""The last gate before Sentry: a transport that sends only rebuilt events.

Everything that reaches a client's transport passes here: events, transactions, sessions, logs, profiles, attachments,
hand-made envelopes. An item that has no filter or can't be rebuilt is dropped and counted.
"""

from __future__ import annotations

import inspect
import json
import weakref
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

import sentry_sdk
from opentelemetry.instrumentation.utils import suppress_instrumentation
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.transport import Transport
from sentry_sdk.worker import BackgroundWorker

from pazpaz_otel import forks
from pazpaz_otel.notices import log_once
from pazpaz_otel.redact import drops
from pazpaz_otel.sentry import capture as captures
from pazpaz_otel.sentry import link, request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.sentry.capture import Capture
    from pazpaz_otel.sentry.event import EventFilter

REBUILDERS: Final[Mapping[str, Callable[[Mapping[str, Any], Guard], dict[str, Any] | None]]] = {}
"""For each item kind other than `event`, a function that rebuilds the payload or returns None; see
docs/contributing/guard-a-sentry-item.md."""
FILTERED: Final = frozenset({"event", *REBUILDERS})
"""The item kinds that have a filter; the policy may allow fewer."""
_RATE_LIMITED: Final = frozenset({"self_rate_limits", "status_429"})


class GuardedTransport(Transport):
    """Wrap a client's transport."""

    _allowance: ClassVar[Any] = staticmethod(float)

    def __init__(self, inner: Transport, events: EventFilter) -> None:
        super().__init__(None)
        self.options = inner.options
        self.parsed_dsn = inner.parsed_dsn
        self._inner = inner
        self._events = events
        # Read once at creation: whatever an application writes into the options later may be any text.
        self._identity = events.identity_of(inner.options or {})
        self._allowed = FILTERED & events.tables.items
        _close_reports(inner)
        _hide_requests(inner)
        _transports.add(self)

    @classmethod
    def limit_flushes(cls, allowance: Callable[[float], float]) -> None:
        """Set how many of the seconds that a flush requests it may use: one deadline covers the end of a process."""
        cls._allowance = staticmethod(allowance)

    def capture_envelope(self, envelope: Envelope) -> None:
        """Send what remains of the envelope; never raise."""
        for item in envelope.items:
            try:
                self._take(item)
            except BaseException as error:  # noqa: BLE001  # fails closed, and never breaks the application
                drops.lose("sentry", error)

    def flush(self, timeout: float, callback: Any | None = None) -> None:
        """Wait up to `timeout` seconds for captured events to be sent; less if the process is ending."""
        request.release_all()
        self._inner.flush(self._allowance(timeout), callback)

    def kill(self) -> None:
        """Stop sending."""
        request.release_all()
        self._inner.kill()

    def begin_anew(self) -> None:
        """Let a forked process send by a queue and connections of its own.

        A copy of the parent's queue wakes the parent's thread, which isn't there, so that a flush waits in vain; and
        two processes would write to one connection.
        """
        inner: Any = self._inner
        if isinstance(getattr(inner, "_worker", None), BackgroundWorker):
            inner._worker = BackgroundWorker(inner.options["transport_queue_size"])  # noqa: SLF001 - it has no reset
            forks.free_pools(inner._pool)  # noqa: SLF001
            inner._pool.clear()  # noqa: SLF001

    def is_healthy(self) -> bool:
        """Return whether the inner transport accepts more."""
        return self._inner.is_healthy()

    def _take(self, item: Item) -> None:
        if item.type not in self._allowed:
            drops.drop("sentry", "unlisted_key")
            return
        held = item.payload.json
        # Objects that print another text the next time would leave unjudged: from here on there are plain values only.
        payload = json.loads(item.get_bytes() if held is None else json.dumps(held, default=_nothing, skipkeys=True))
        if item.type == "event":
            self._take_event(payload)
            return
        made = REBUILDERS[item.type](payload, self._events.guard)
        if made is None:
            drops.drop("sentry", "refused_value")
            return
        anew = Item(payload=PayloadRef(json=made), type=item.type, content_type="application/json")
        self._send(Envelope({"sent_at": _now()}, [anew]))

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
            # The request has ended by now, and an exception that was logged before may have gone unhandled.
            for exception in made["exception"]["values"]:
                exception["mechanism"]["handled"] = running.handled
        if running.mark is not None:
            running.mark.capture = None
        envelope = Envelope({"event_id": made["event_id"], "sent_at": _now()})
        envelope.add_event(self._events.with_status(made, status))  # type: ignore[arg-type]  # the SDK's TypedDict
        self._send(envelope)

    def _send(self, envelope: Envelope) -> None:
        with forks.importing():
            # Resolving a host imports it, in a thread that a fork wouldn't wait for.
            import encodings.idna  # noqa: F401, PLC0415
        self._inner.capture_envelope(envelope)


def lost(reason: str) -> None:
    """Count an envelope that the HTTP transport dropped, and log why, once per reason.

    Args:
        reason: the SDK's reason: `network`, `full_queue`, `self_rate_limits`, or `status_` and a number.
    """
    drops.drop("sentry", "queue_full" if reason == "full_queue" else "export_failed")
    status = reason.removeprefix("status_")
    if reason in _RATE_LIMITED:
        log_once("Sentry limits the rate: errors are dropped until it accepts them again")
    elif reason == "full_queue":
        log_once("Sentry accepts errors more slowly than they occur: the queue is full, and some are dropped")
    elif status in {"401", "403", "404"}:
        log_once("Sentry rejects errors (status 401, 403 or 404): no project has the key in SENTRY_DSN")
    elif status == "413":
        log_once("Sentry rejected an error (status 413): it is too large")
    elif status.startswith("5"):
        log_once("Sentry fails (status 5xx): errors are dropped until it works again")
    elif status.isdigit():
        log_once("Sentry rejected an error (status 3xx or 4xx)")
    else:
        log_once("Sentry can't be reached: errors are dropped until it can")


def _annotate(running: Capture, event_id: str) -> None:
    # The server span carries an unhandled error's id; it is the active span, except in threads and tasks.
    span = running.span
    if not running.handled and not span.is_recording() and running.request is not None:
        span = running.request.span
    link.annotate(span, event_id, running.type, handled=running.handled)


def _close_reports(inner: Transport) -> None:
    """Disable client reports, which bypass `capture_envelope`; this package counts what a transport drops instead."""
    if isinstance(inner.options, dict):
        inner.options["send_client_reports"] = False
    if hasattr(inner, "on_dropped_event"):
        inner.on_dropped_event = lost


def _hide_requests(inner: Any) -> None:
    """Let an instrumentation of `urllib3` create no spans of the requests to Sentry."""
    send = getattr(inner, "_request", None)
    if send is None or inspect.iscoroutinefunction(send):
        return

    def request_unobserved(*args: Any, **kwargs: Any) -> Any:
        with suppress_instrumentation():
            return send(*args, **kwargs)

    inner._request = request_unobserved  # noqa: SLF001 - it has no hook


def _nothing(_: object) -> None:
    """Take the place of a value that JSON has no form for."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_transports: Final[weakref.WeakSet[GuardedTransport]] = weakref.WeakSet()


def _after_fork() -> None:
    for transport in list(_transports):
        with suppress(Exception):
            transport.begin_anew()
    client: Any = sentry_sdk.get_client()
    sessions = getattr(client, "session_flusher", None)
    if sessions is not None:
        # Each flush takes its locks.
        client.session_flusher = type(sessions)(capture_func=sessions.capture_func)


forks.in_child(_after_fork)
