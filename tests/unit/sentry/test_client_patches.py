"""What this room relies on in sentry-sdk and Starlette: when a release moves one, a failing test says which."""

from __future__ import annotations

import inspect
import logging

import pytest
import sentry_sdk
import sentry_sdk.client
from opentelemetry.sdk.trace import Span
from sentry_sdk.consts import DEFAULT_OPTIONS
from sentry_sdk.scope import Scope
from sentry_sdk.transport import HttpTransport, Transport
from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware

from pazpaz_otel.sentry import client_patches
from pazpaz_otel.sentry.transport import GuardedTransport
from tests.unit.sentry.conftest import DSN, Kept


def test_a_client_makes_its_transport_by_a_function_of_its_module() -> None:
    """`sentry_sdk.client.make_transport(options)` is where a client's transport comes from."""
    assert list(inspect.signature(sentry_sdk.client.make_transport).parameters) == ["options"]


def test_a_client_captures_by_one_method() -> None:
    """`Client.capture_event(event, hint, scope)` is where every event passes."""
    original = inspect.unwrap(sentry_sdk.Client.capture_event)
    assert list(inspect.signature(original).parameters) == ["self", "event", "hint", "scope"]


def test_a_scope_captures_and_isolates_by_public_methods() -> None:
    """`Scope.capture_event`, `get_isolation_scope`, `set_isolation_scope` and `fork` are there."""
    for name in ("capture_event", "get_isolation_scope", "set_isolation_scope", "fork"):
        assert callable(getattr(Scope, name)), name


def test_a_transport_says_what_it_drops() -> None:
    """`HttpTransport.on_dropped_event(reason)` is called for an envelope that is given up."""
    assert len(inspect.signature(HttpTransport.on_dropped_event).parameters) == 2
    assert {"capture_envelope", "flush", "kill", "is_healthy"} <= set(dir(Transport))


def test_every_closed_option_is_one_of_the_sdks() -> None:
    """An option that the SDK renames would stay open: each that is closed exists."""
    assert set(client_patches.CLOSED_OPTIONS) - set(DEFAULT_OPTIONS) == set()


def test_logging_hands_records_to_one_method() -> None:
    """`Logger.filter(record)` is where every record passes."""
    assert len(inspect.signature(logging.Logger.filter).parameters) == 2


def test_spans_record_exceptions_by_one_method() -> None:
    """`Span.record_exception(exception, ...)` is what a span calls with what escapes it."""
    assert list(inspect.signature(Span.record_exception).parameters)[:2] == ["self", "exception"] or hasattr(
        Span.record_exception, "_pazpaz_otel"
    )


def test_starlettes_stack_begins_with_the_error_middleware() -> None:
    """`build_middleware_stack()` returns a ServerErrorMiddleware with what it wraps in `app`."""
    stack = Starlette().build_middleware_stack()
    assert isinstance(stack, ServerErrorMiddleware)
    assert callable(stack.app)


@pytest.mark.usefixtures("kept")
class TestOwnClients:
    """A client that the application makes itself."""

    def test_it_gets_the_guard(self) -> None:
        """`sentry_sdk.Client` has a guarded transport, whatever its transport is."""
        for transport in (None, Kept, Kept()):
            assert isinstance(sentry_sdk.Client(DSN, transport=transport).transport, GuardedTransport)

    @pytest.mark.filterwarnings("ignore:The send_default_pii option:DeprecationWarning")
    def test_it_keeps_no_side_exit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Spotlight, sampling, bodies, variables and client reports are off, whoever asks for them."""
        monkeypatch.setenv("SENTRY_SPOTLIGHT", "http://127.0.0.1:9/stream")
        asked = {
            "traces_sample_rate": 1.0,
            "send_default_pii": True,
            "max_request_body_size": "always",
            "spotlight": True,
        }
        client = sentry_sdk.Client(DSN, **asked, enable_logs=True, debug=True)
        assert client.spotlight is None
        assert {name: client.options[name] for name in client_patches.CLOSED_OPTIONS} == dict(
            client_patches.CLOSED_OPTIONS
        )

    def test_a_transport_that_is_put_in_later_is_guarded_at_the_next_event(self) -> None:
        """A transport that the application sets on its client doesn't get a raw event."""
        client = sentry_sdk.Client(DSN)
        client.transport = later = Kept()
        name = "Dana"
        client.capture_event({"message": f"{name} called"}, {})
        assert isinstance(client.transport, GuardedTransport)
        assert b"Dana" not in later.bytes
        assert len(later.envelopes) == 1

    def test_the_otlp_integration_exports_nothing(self) -> None:
        """The OTLP integration's own exporter and propagator stay off."""
        from sentry_sdk.integrations.otlp import OTLPIntegration

        integration = OTLPIntegration()
        sentry_sdk.Client(DSN, integrations=[integration], default_integrations=False)
        assert (integration.setup_otlp_traces_exporter, integration.setup_propagator) == (False, False)

    def test_a_wrong_dsn_leaves_it_without_a_transport(self) -> None:
        """A DSN that isn't one doesn't raise into the application."""
        assert sentry_sdk.Client("not a dsn").transport is None
