"""An event's fields: from the policy and from proof, never copied."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from tests.unit.sentry.conftest import Kept

ACCOUNT = "7f9c24e5-1b2a-4c3d-8e4f-5a6b7c8d9e0f"


class ClinicClosedError(Exception):
    """An application's own error."""


def _event(kept: Kept) -> dict[str, Any]:
    (event,) = kept.events
    return event


def _raise(error: BaseException) -> None:
    raise error


def _capture(error: BaseException) -> None:
    try:
        _raise(error)
    except BaseException as caught:
        sentry_sdk.capture_exception(caught)


def test_a_literal_message_is_readable(kept: Kept) -> None:
    """An exception's type, module and literal message leave."""
    try:
        raise ClinicClosedError("The clinic is closed")
    except ClinicClosedError as error:
        sentry_sdk.capture_exception(error)
    value = _event(kept)["exception"]["values"][-1]
    assert (value["type"], value["value"]) == ("ClinicClosedError", "The clinic is closed")
    assert value["module"] == __name__
    frame = value["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["module"], frame["in_app"]) == (
        "test_a_literal_message_is_readable",
        __name__,
        True,
    )
    assert set(frame) == {"function", "module", "filename", "lineno", "in_app"}


def test_a_made_up_message_is_not(kept: Kept) -> None:
    """A message with a value in it is a placeholder, in causes, groups and notes as well."""
    name = "Dana Levi"
    cause = ValueError(f"cause {name}")
    cause.add_note(name)
    error = ExceptionGroup(f"group {name}", [KeyError(name), ValueError(f"member {name}")])
    error.__cause__ = cause
    _capture(error)
    assert b"Dana" not in kept.bytes
    types = [value["type"] for value in _event(kept)["exception"]["values"]]
    assert sorted(types) == ["ExceptionGroup", "KeyError", "ValueError", "ValueError"]


def test_a_class_that_was_made_of_data_is_shown_as_its_base(kept: Kept) -> None:
    """The name of a class that no loaded module has may be anybody's."""
    _capture(type("DanaLevi", (ClinicClosedError,), {})("x"))
    assert _event(kept)["exception"]["values"][-1]["type"] == "ClinicClosedError"
    assert b"DanaLevi" not in kept.bytes


def test_a_message_leaves_if_it_is_a_literal(kept: Kept) -> None:
    """`capture_message` sends a literal, the template of a composed text, and a placeholder for a value."""
    sentry_sdk.capture_message("Backup finished")
    sentry_sdk.capture_message(f"Backup of {ACCOUNT} finished")
    sentry_sdk.capture_message(str(uuid.uuid4()))
    first, composed, second = kept.events
    assert composed["logentry"] == {"message": "Backup of {ACCOUNT} finished"}
    assert first["logentry"] == {"message": "Backup finished"}
    assert second["logentry"] == {"message": "<redacted>"}
    assert second["threads"]["values"][0]["stacktrace"]["frames"][-1]["function"].startswith("test_a_message_leaves")


def test_tags_are_the_policys(kept: Kept) -> None:
    """A tag that the policy names leaves if its value is of its kind; others don't."""
    workspace = str(uuid.uuid4())
    for key, value in (
        ("workspace.id", workspace),
        ("request_id", "Dana"),
        ("patient", "Dana"),
        ("http.status_code", 503),
    ):
        sentry_sdk.set_tag(key, value)
    sentry_sdk.capture_message("x")
    assert _event(kept)["tags"] == {"workspace.id": workspace, "http.status_code": "503"}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"id": ACCOUNT, "email": "dana@example.org", "ip_address": "10.0.0.1"}, {"id": ACCOUNT}),
        ({"id": uuid.UUID(ACCOUNT)}, {"id": ACCOUNT}),
        ({"id": "dana"}, None),
        ({"id": 123456789}, None),
        ({"id": "c232ab00-9414-11ec-b3c8-9f6bdeced846"}, None),
    ],
)
def test_a_user_is_an_accounts_random_identifier(
    kept: Kept, given: dict[str, Any], sent: dict[str, str] | None
) -> None:
    """Of a user, only a random UUID leaves; one of version 1 holds a machine's address."""
    sentry_sdk.set_user(given)
    sentry_sdk.capture_message("x")
    assert _event(kept).get("user") == sent


def test_breadcrumbs_are_templates_and_queries_without_values(kept: Kept) -> None:
    """A breadcrumb keeps category, level, a proven text and a query without its literals."""
    name = str.title("dana")
    sentry_sdk.add_breadcrumb(category="patients", message=f"{name} called", data={"phone": "052"}, level="warning")
    query = "SELECT id FROM clients WHERE name = '{}'".format("Dana")
    sentry_sdk.add_breadcrumb(category="query", message=query, data={"db.system": "postgresql"})
    sentry_sdk.add_breadcrumb(
        category="httplib", data={"url": "http://api.example/clients/Dana?x=1", "method": "GET", "status_code": 503}
    )
    sentry_sdk.capture_message("x")
    crumbs = [{key: c[key] for key in c if key != "timestamp"} for c in _event(kept)["breadcrumbs"]["values"]]
    assert crumbs[0] == {"type": "default", "level": "warning", "message": "{name} called"}
    assert "'Dana'" not in crumbs[1].get("message", "")
    assert crumbs[2]["data"] == {"method": "GET", "status_code": 503, "host": "api.example"}
    assert b"Dana" not in kept.bytes


def test_a_breadcrumb_of_which_nothing_is_left_is_no_breadcrumb(kept: Kept) -> None:
    """Without a proven message, a known category or data, a breadcrumb is dropped; what it lost is counted."""
    before = sum(drops.snapshot().values())
    sentry_sdk.add_breadcrumb(message=str.title("dana"))
    sentry_sdk.add_breadcrumb(category="query", message=str.lower("CALL DANA_REPORT()"))
    sentry_sdk.add_breadcrumb(category="navigation", data={"from": "/clients/Dana"})
    sentry_sdk.capture_message("x")
    assert "breadcrumbs" not in _event(kept)
    assert sum(drops.snapshot().values()) >= before + 3


def test_release_and_environment_are_the_configurations(kept: Kept) -> None:
    """Release and environment are those of the settings, whatever an event says."""
    sentry_sdk.capture_event({"message": "x", "release": "Dana", "environment": "Dana", "server_name": "dana-laptop"})
    event = _event(kept)
    assert (event["release"], event["environment"]) == ("api@1.2.3", "test")
    assert "server_name" not in event


def test_ignored_errors_are_not_sent(kept: Kept) -> None:
    """Cancellation and disconnects, and groups of nothing else, are no events."""
    import asyncio

    from starlette.requests import ClientDisconnect

    _capture(asyncio.CancelledError())
    _capture(ClientDisconnect())
    _capture(BaseExceptionGroup("x", [asyncio.CancelledError(), ClientDisconnect()]))
    assert kept.events == []
    _capture(BaseExceptionGroup("x", [asyncio.CancelledError(), ValueError("x")]))
    assert len(kept.events) == 1


def test_a_before_send_that_drops_is_obeyed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's own `before_send` may drop an event, and can't add to it."""
    options = sentry_sdk.get_client().options
    monkeypatch.setitem(options, "before_send", lambda _event, _hint: None)
    sentry_sdk.capture_message("x")
    assert kept.events == []
    monkeypatch.setitem(
        options, "before_send", lambda event, _hint: event | {"extra": {"a": "Dana"}, "message": "Dana"}
    )
    sentry_sdk.capture_message("x")
    assert b"Dana" not in kept.bytes
    assert len(kept.events) == 1
