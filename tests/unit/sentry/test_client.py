"""Starting, or saying why not."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from opentelemetry.instrumentation.utils import is_http_instrumentation_enabled
from urllib3.connectionpool import HTTPConnectionPool

from pazpaz_otel import notices
from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
from tests.programs.envelopes import envelope_items

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard

LOGGER = "pazpaz_otel.sentry"


@pytest.fixture(autouse=True)
def _own_client(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(notices, "_given", {})
    yield
    sentry_sdk.get_client().close(0)
    sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.parametrize("dsn", ["not a dsn", "https://host.example", "ftp://a@b/1", "http://a@b/", "://"])
def test_a_dsn_that_is_none_is_said_without_its_value(guard: Guard, caplog: pytest.LogCaptureFixture, dsn: str) -> None:
    """A wrong DSN neither raises nor is repeated; one line says that Sentry is off."""
    assert not client.start(Settings.from_env({"SENTRY_DSN": dsn}), guard)
    (line,) = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert line == "Sentry is off: the client can't be made of its DSN and options; check SENTRY_DSN"


def test_without_a_dsn_one_quiet_line(guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    """Without a DSN there is no client, and one line at the level of debugging."""
    with caplog.at_level(logging.DEBUG, LOGGER):
        assert not client.start(Settings.from_env({}), guard)
    assert [record.levelno for record in caplog.records if record.name == LOGGER] == [logging.DEBUG]


def test_without_a_dsn_sentry_is_not_imported() -> None:
    """Who doesn't use Sentry doesn't pay for its import; who imports it later gets the guard."""
    program = """
import sys
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.policy import load_policy
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
from pazpaz_otel.integrations import registry
client.start(Settings.from_env({}), Guard(load_policy()), tuple(registry.error_hooks()))
print("sentry_sdk" in sys.modules)
import sentry_sdk
sentry_sdk.init("http://a@127.0.0.1:9/1", default_integrations=False)
print(type(sentry_sdk.get_client().transport).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "GuardedTransport"]


def test_a_client_from_before_is_guarded(guard: Guard) -> None:
    """A client that some scope got before the start sends no value either, also of what is no event."""
    value = "Anna" + "-Levi"
    with HttpSink() as sink:
        before = sentry_sdk.Client(sink.dsn, default_integrations=False, enable_logs=True)
        assert client.start(Settings.from_env({"SENTRY_DSN": sink.dsn}), guard)
        with sentry_sdk.new_scope() as scope:
            scope.set_client(before)
            sentry_sdk.logger.error(f"Booked for {value}")
        before.close(2)
        bodies = [request.body for request in sink.received]
    assert not [body for body in bodies if value.encode() in body]


def test_the_test_error_arrives_readable(guard: Guard) -> None:
    """`send_test_error` returns the id of an event that has left, with the guide's message whole."""
    with HttpSink() as sink:
        assert client.start(Settings.from_env({"SENTRY_DSN": sink.dsn}), guard)
        event_id = client.send_test_error()
        items = [item for request in sink.received for item in envelope_items(request.body)]
    assert items[0][0]["event_id"] == event_id
    assert b"Test error for Sentry - if you see this in Sentry, it works!" in items[1][1]


def test_instrumentations_see_no_request_to_sentry(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contrib's for `urllib3` would create a trace of its own for each error."""
    observed: list[bool] = []
    send = HTTPConnectionPool.urlopen

    def urlopen(*args: Any, **kwargs: Any) -> Any:
        observed.append(is_http_instrumentation_enabled())
        return send(*args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    with HttpSink() as sink:
        assert client.start(Settings.from_env({"SENTRY_DSN": sink.dsn}), guard)
        assert client.send_test_error()
    assert observed == [False]


def test_a_test_error_that_is_refused_is_told(guard: Guard) -> None:
    """Where the server refuses, `send_test_error` returns None."""
    with HttpSink() as sink:
        sink.status = 403
        assert client.start(Settings.from_env({"SENTRY_DSN": sink.dsn}), guard)
        assert client.send_test_error() is None


def test_without_a_client_no_test_error() -> None:
    """Where no client runs, there is nothing to send."""
    assert client.send_test_error() is None


@pytest.mark.parametrize("order", ["before", "after"])
def test_without_a_guard_an_applications_own_client_sends_nothing(order: str) -> None:
    """Where no policy can be used, the application's own client has no transport, and one line says so."""
    start = "closed.shut()"
    init = 'sentry_sdk.init("http://a@127.0.0.1:9/1", default_integrations=False)'
    first, second = (init, start) if order == "before" else (start, init)
    program = f"""
import sentry_sdk
from pazpaz_otel.sentry import closed
{first}
{second}
sentry_sdk.capture_message("x")
print(sentry_sdk.get_client().transport)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None"]
    assert done.stderr.count("Sentry is off: without the guards nothing is sent") == 1


def test_clients_that_cannot_be_guarded_send_nothing() -> None:
    """Where a release of sentry-sdk has moved what the guard needs, no client of the process has a transport."""
    program = """
import sentry_sdk
held = sentry_sdk.Client("http://a@127.0.0.1:9/1", default_integrations=False)
del sentry_sdk.scope.register_external_propagation_context
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
client.start(Settings.from_env({}), Guard(load_policy()))
sentry_sdk.init("http://a@127.0.0.1:9/1", default_integrations=False, spotlight=True)
print(held.transport, sentry_sdk.get_client().transport, sentry_sdk.get_client().spotlight)
"""
    assert _printed(program) == ["None", "None", "None"]


_START = """
from pazpaz_otel.integrations import registry
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
client.start(Settings.from_env({"SENTRY_DSN": "http://a@127.0.0.1:9/1"}), Guard(load_policy()), registry.error_hooks())
"""
_STOCK = """
import sentry_sdk
sentry_sdk.init("http://a@127.0.0.1:9/1")
"""


def _printed(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()


@pytest.mark.slow
def test_what_sentrys_own_start_loads_is_there() -> None:
    """`sentry_sdk.logger`, and whatever else works after a plain `sentry_sdk.init`, works under the distribution."""
    public = "print(*(name for name in vars(sentry_sdk) if not name.startswith('_')))"
    assert set(_printed(_STOCK + public)) <= set(_printed(f"{_START}\nimport sentry_sdk\n{public}"))


@pytest.mark.slow
@pytest.mark.parametrize("order", [(_STOCK, _START), (_START, _STOCK)], ids=["stock first", "ours first"])
def test_threads_live_beside_sentrys_own_integrations(order: tuple[str, str]) -> None:
    """A thread runs, though sentry-sdk's default integrations wrap its start as well, in either order."""
    program = (
        "".join(order)
        + """
import threading
for thread in [threading.Thread(target=print, args=("ran",)), threading.Timer(0, print, ("ran",))]:
    thread.start()
    thread.join()
"""
    )
    assert _printed(program) == ["ran", "ran"]


@pytest.mark.slow
def test_an_applications_own_client_says_where_it_runs() -> None:
    """The release and environment that an application gives its client are on its events, if they are names."""
    with HttpSink() as sink:
        started = _START.replace('{"SENTRY_DSN": "http://a@127.0.0.1:9/1"}', "{}")
        for environment, release in (("staging", "shop@1.2.3"), ("Dana Levi", "x y")):
            named = f"environment={environment!r}, release={release!r}, default_integrations=False"
            program = f"import sentry_sdk; sentry_sdk.init({sink.dsn!r}, {named}); sentry_sdk.capture_message('x')"
            _printed(f"{started}\n{program}\nsentry_sdk.flush()")
        first, second = (json.loads(envelope_items(request.body)[1][1]) for request in sink.received)
    assert (first["environment"], first["release"]) == ("staging", "shop@1.2.3")
    assert not {"environment", "release"} & second.keys()
