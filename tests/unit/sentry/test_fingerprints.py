"""A literal fingerprint groups, wherever it is written; one with a value in it doesn't leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk

if TYPE_CHECKING:
    from tests.unit.sentry.conftest import Kept

NAME = "Dvora Mizrahi, 305123456"


def _assigned(scope: Any) -> None:
    scope.fingerprint = ["assigned in its own function"]
    sentry_sdk.capture_message("a provider timed out")


def _grouped(event: Any, _: Any) -> Any:
    event["fingerprint"] = ["grouped by before_send"]
    return event


def test_literals_leave(kept: Kept) -> None:
    """As an argument of the capture, on a scope, and from `before_send`."""
    sentry_sdk.capture_message("a provider is down", fingerprint=["{{ default }}", "given to the capture"])
    with sentry_sdk.new_scope() as scope:
        _assigned(scope)
    sentry_sdk.get_client().options["before_send"] = _grouped
    sentry_sdk.capture_message("a provider is up")
    assert [event.get("fingerprint") for event in kept.events] == [
        ["{{ default }}", "given to the capture"],
        ["assigned in its own function"],
        ["grouped by before_send"],
    ]


def test_values_stay(kept: Kept) -> None:
    """A fingerprint with a value, or with one beside a literal, doesn't leave: the server groups as usual."""
    sentry_sdk.capture_message("a provider is down", fingerprint=[NAME])
    sentry_sdk.capture_message("a provider is down", fingerprint=["beside a value", NAME])
    sentry_sdk.capture_message("a provider is down", fingerprint=[f"composed of {NAME}"])
    assert [event.get("fingerprint") for event in kept.events] == [None, None, None]
    assert NAME.encode() not in kept.bytes
