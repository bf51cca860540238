"""What the program says by itself proves no event in which data picks the same text."""

from __future__ import annotations

import contextlib
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest import mock

import pytest
import sentry_sdk

from pazpaz_otel import patches
from pazpaz_otel.redact import log_templates
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.sentry.conftest import Kept

DIAGNOSES = {"e11": "seen for sugar disease", "i10": "seen for high pressure"}
_log = logging.getLogger(__name__)


@pytest.fixture(autouse=True)
def _records_are_proven(kept: Kept) -> Iterator[None]:
    with patches.restored():
        log_templates.install()
        yield


def say() -> None:
    sentry_sdk.capture_message("seen for sugar disease")
    with sentry_sdk.new_scope() as scope:
        scope.fingerprint = ["seen for sugar disease"]
        sentry_sdk.capture_message("seen for sugar disease")
    sentry_sdk.add_breadcrumb(message="seen for sugar disease", category="ui")
    _log.error("seen for sugar disease")
    with contextlib.suppress(ValueError):
        raise ValueError("seen for sugar disease")


def message(code: str) -> None:
    sentry_sdk.capture_message(DIAGNOSES[code])


def crumb(code: str) -> None:
    sentry_sdk.add_breadcrumb(message=DIAGNOSES[code], category="ui")
    sentry_sdk.capture_message("the visit wasn't saved")


def log_crumb(code: str) -> None:
    sentry_sdk.add_breadcrumb(message=DIAGNOSES[code], type="log")
    sentry_sdk.capture_message("the visit wasn't saved")


def crumb_of_record(code: str) -> None:
    """Log as the SDK's own integration does."""
    record = logging.getLogRecordFactory()(__name__, logging.INFO, __file__, 1, DIAGNOSES[code], (), None)
    sentry_sdk.add_breadcrumb({"message": record.getMessage(), "type": "log"}, {"log_record": record})
    sentry_sdk.capture_message("the visit wasn't saved")


def logged(code: str) -> None:
    _log.error(DIAGNOSES[code])


def logged_before(code: str) -> None:
    """Log within a request, which keeps its lines for an event."""
    scope = {"type": "http", "headers": [], "pazpaz_otel.request": SimpleNamespace(status=200, routes=())}
    with mock.patch.object(request, "current", return_value=request.RequestContext(scope, mock.Mock())):
        _log.warning(DIAGNOSES[code])
        sentry_sdk.capture_message("the visit wasn't saved")


def raised(code: str) -> None:
    try:
        raise ValueError(DIAGNOSES[code])
    except ValueError as error:
        sentry_sdk.capture_exception(error)


def noted(code: str) -> None:
    try:
        raise ValueError("the visit wasn't saved")
    except ValueError as error:
        error.add_note(DIAGNOSES[code])
        _log.exception("the visit wasn't saved")


def fingerprint(code: str) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.fingerprint = [DIAGNOSES[code]]
        sentry_sdk.capture_message("the visit wasn't saved")


def tagged(code: str) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("job.name", DIAGNOSES[code])
        scope.set_context("trace", {"op": DIAGNOSES[code]})
        scope.set_transaction_name(DIAGNOSES[code])
        scope.set_extra("reason", DIAGNOSES[code])
        scope.set_user({"id": DIAGNOSES[code]})
        sentry_sdk.capture_message("the visit wasn't saved", level=DIAGNOSES[code])  # type: ignore[arg-type]


def category(code: str) -> None:
    sentry_sdk.add_breadcrumb(message="the visit was saved", category=DIAGNOSES[code])
    sentry_sdk.capture_message("the visit wasn't saved")


def handmade(code: str) -> None:
    sentry_sdk.capture_event({"message": DIAGNOSES[code], "logentry": {"message": DIAGNOSES[code]}})
    sentry_sdk.capture_event({"exception": {"values": [{"type": "ValueError", "value": DIAGNOSES[code]}]}})


def grouped(code: str) -> None:
    try:
        raise ExceptionGroup(DIAGNOSES[code], [ValueError(DIAGNOSES[code])]) from KeyError(DIAGNOSES[code])
    except ExceptionGroup:
        sentry_sdk.capture_exception()


WAYS = [
    message, crumb, log_crumb, crumb_of_record, logged, logged_before, raised, noted, fingerprint, tagged, handmade,
    category, grouped,
]  # fmt: skip


@pytest.mark.parametrize("pick", WAYS)
def test_what_was_said_first_stays_where_data_picks_it(kept: Kept, pick: Callable[[str], None]) -> None:
    """The text leaves from its own statements, before and after."""
    say()
    assert b"sugar" in kept.bytes
    sentry_sdk.get_isolation_scope().clear()
    kept.envelopes.clear()
    pick(bytes.fromhex("653131").decode())
    assert kept.events
    assert b"sugar" not in kept.bytes, kept.bytes
    say()
    assert b"sugar" in kept.bytes


def test_what_a_hand_made_event_says_leaves(kept: Kept) -> None:
    """An exception's text is proven by the statement that gives it."""
    sentry_sdk.capture_event({"exception": {"values": [{"type": "ValueError", "value": "the visit is over"}]}})
    [event] = kept.events
    assert event["exception"]["values"][0]["value"] == "the visit is over"
