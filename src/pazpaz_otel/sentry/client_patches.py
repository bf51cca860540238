"""The patched methods of the SDK: where a client creates its transport, and where an event is captured, in which scope.

Every client of the process uses them, including one that the application creates with `sentry_sdk.init`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
import sentry_sdk.client
from sentry_sdk.scope import register_external_propagation_context

from pazpaz_otel import patches
from pazpaz_otel.notices import log_once
from pazpaz_otel.patches.subclasses import living
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.exceptions import exception_in
from pazpaz_otel.redact.messages import NO_MESSAGES
from pazpaz_otel.sentry import breadcrumbs, exceptions, link, request
from pazpaz_otel.sentry import capture as captures
from pazpaz_otel.sentry.transport import GuardedTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentry_sdk.scope import Scope
    from sentry_sdk.transport import Transport

    from pazpaz_otel.sentry.event import EventFilter

CLOSED_OPTIONS: Final[Mapping[str, Any]] = {
    "attach_stacktrace": False,
    "auto_session_tracking": False,
    "debug": False,
    "enable_backpressure_handling": False,
    "enable_logs": False,
    "enable_tracing": None,
    "include_local_variables": False,
    "include_source_context": False,
    "max_request_body_size": "never",
    "profile_session_sample_rate": None,
    "profiles_sample_rate": None,
    "profiles_sampler": None,
    "propagate_traces": False,
    "send_client_reports": False,
    "send_default_pii": None,
    "server_name": None,
    "spotlight": False,
    "trace_propagation_targets": [],
    "traces_sample_rate": None,
    "traces_sampler": None,
}
"""Options that are overridden: those that bypass the transport, unsafe data, and tracing, which would unlink errors."""

KEPT_EXPERIMENTS: Final = frozenset({"transport_http2", "transport_num_pools", "transport_compression_level"})
_TRACING: Final = ("traces_sample_rate", "traces_sampler", "profiles_sample_rate", "profiles_sampler", "enable_tracing")

_events: EventFilter | None = None


def guard_clients(events: EventFilter) -> None:
    """Guard every client, including existing ones; a second call replaces the filter."""
    global _events  # noqa: PLW0603  # one guard a process
    _events = events
    _wrap()
    # This makes the SDK put the span's ids on events, and send no `sentry-trace` or `baggage` header.
    register_external_propagation_context(link.as_text)
    _guard_living()


def close_options(options: dict[str, Any]) -> None:
    """Override a client's options that bypass the guard, in place."""
    if any(options.get(name) for name in _TRACING):
        log_once(
            "Sentry's traces and profiles are off: OpenTelemetry samples traces, and Sentry's would unlink the errors"
        )
    for name, value in CLOSED_OPTIONS.items():
        if name in options:
            options[name] = list(value) if isinstance(value, list) else value
    messages = _events.guard.messages if _events is not None else NO_MESSAGES
    options["before_breadcrumb"] = breadcrumbs.judged(options.get("before_breadcrumb"), messages)
    experiments = options.get("_experiments") or {}
    options["_experiments"] = {key: value for key, value in experiments.items() if key in KEPT_EXPERIMENTS}
    for integration in options.get("integrations") or ():
        # The OTLP integration's exporter sends raw spans, and its propagator forwards baggage.
        for name in ("setup_otlp_traces_exporter", "setup_propagator", "capture_exceptions"):
            if getattr(integration, "identifier", None) == "otlp":
                setattr(integration, name, False)


def _wrap() -> None:
    patches.install("sentry.make_transport", lambda original: lambda options: _make_transport(original, options))
    patches.install(
        "sentry.capture_event",
        lambda original: (
            lambda client, event, hint=None, scope=None: _capture_event(original, client, event, hint, scope)
        ),
    )
    # Each request has its own isolation scope, at no cost to requests that don't use it.
    patches.install("sentry.scope.get_isolation_scope", lambda _: classmethod(lambda _: request.isolation_scope()))
    patches.install("sentry.scope.capture_event", _capturing_in_scope)


def _capturing_in_scope(capture_event: Callable[..., str | None]) -> Callable[..., str | None]:
    def isolated_capture(self: Scope, *args: Any, **kwargs: Any) -> str | None:
        # Data that was set on the request's scope in another task counts here, too.
        request.isolation_scope()
        return capture_event(self, *args, **kwargs)

    return isolated_capture


def _make_transport(original: Callable[..., Transport | None], options: dict[str, Any]) -> Transport | None:
    try:
        close_options(options)
        made = original(options)
    except BaseException as error:  # noqa: BLE001  # a wrong DSN must not stop the application
        drops.fail("sentry", error)
        log_once("Sentry is off: the client can't be made of its DSN and options; check SENTRY_DSN")
        return None
    return _guarded(made)


def _guarded(transport: Transport | None) -> Transport | None:
    if transport is None or isinstance(transport, GuardedTransport):
        return transport
    return None if _events is None else GuardedTransport(transport, _events)


def _guard_living() -> None:
    # A scope may hold a client of its own, whose logs, metrics and sessions are no events.
    for client in living(sentry_sdk.client._Client):  # noqa: SLF001
        _guard_client(client)


def _guard_client(client: Any) -> None:
    """Guard a client that was created before the guard, or whose transport was replaced since."""
    transport = getattr(client, "transport", None)
    if transport is not None and not isinstance(transport, GuardedTransport):
        close_options(client.options)
        client.spotlight = None
        client.transport = _guarded(transport)


def _capture_event(
    original: Callable[..., str | None], client: Any, event: Any, hint: Any = None, scope: Any = None
) -> str | None:
    try:
        _guard_client(client)
        if event.get("type") in {"transaction", "check_in"}:
            return original(client, event, hint, scope)
        exc = exception_in((hint or {}).get("exc_info"))
        if exc is not None and _events is not None and exceptions.is_ignored(exc, _events.tables.ignored):
            return None
        running = captures.open_capture(event, hint, _events.guard.messages if _events is not None else NO_MESSAGES)
        running.fingerprint = captures.proven_fingerprint(event, scope, client.options.get("before_send"))
    except BaseException as error:  # noqa: BLE001  # fails closed, and never breaks the application
        drops.lose("sentry", error)
        return None
    if running.mark is not None and running.mark.captured:
        return _again(running)
    event["event_id"] = running.event_id
    token = captures.current.set(running)
    try:
        return original(client, event, hint, scope)
    except BaseException as error:  # noqa: BLE001
        drops.fail("sentry", error)
        return None
    finally:
        captures.current.reset(token)


def _again(running: captures.Capture) -> str:
    """Return the event id of an exception captured before; it stays one event, unhandled if any capture says so."""
    mark = running.mark
    assert mark is not None
    if not running.handled:
        if mark.capture is not None:
            mark.capture.mechanism["handled"] = False
        link.annotate(running.span, mark.event_id, running.type, handled=False)
    return mark.event_id
