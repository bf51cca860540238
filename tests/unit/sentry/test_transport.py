"""The last gate: only events pass, made anew; whatever goes wrong, the application doesn't hear of it."""

from __future__ import annotations

import time
import uuid

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

from pazpaz_otel.redact import drops
from pazpaz_otel.sentry.transport import GuardedTransport
from tests.unit.sentry.conftest import Kept

KINDS = [
    *("transaction", "session", "sessions", "attachment", "user_report", "feedback", "profile", "profile_chunk", "log"),
    *("trace_metric", "check_in", "client_report", "replay_event", "replay_recording", "statsd", "span", "nel", "x"),
]


EVENT_ID = uuid.uuid4().hex


def _dropped(reason: str) -> int:
    return drops.snapshot().get(("sentry", reason), 0)


@pytest.mark.parametrize("kind", KINDS)
def test_items_that_are_no_events_are_dropped_and_counted(kept: Kept, kind: str) -> None:
    """An item of another kind doesn't leave, and is counted."""
    before = _dropped("unlisted_key")
    item = Item(payload=PayloadRef(json={"message": "Dana Levi"}), type=kind)
    sentry_sdk.get_client().transport.capture_envelope(Envelope(items=[item]))
    assert kept.envelopes == []
    assert _dropped("unlisted_key") == before + 1


def test_the_envelopes_header_is_made_anew(kept: Kept) -> None:
    """Of an envelope's header only a valid event id and the time remain; of an item's, its type and content type."""
    item = Item(payload=PayloadRef(json={"event_id": EVENT_ID}), type="event", headers={"filename": "dana.pdf"})
    header = {"event_id": "Dana", "trace": {"transaction": "Dana"}, "sdk": {"name": "Dana"}, "dsn": "Dana"}
    sentry_sdk.get_client().transport.capture_envelope(Envelope(header, [item]))
    (sent,) = kept.envelopes
    assert set(sent.headers) == {"event_id", "sent_at"}
    assert sent.headers["event_id"] == EVENT_ID
    assert set(sent.items[0].headers) == {"type", "content_type"}
    assert b"Dana" not in kept.bytes


@pytest.mark.parametrize(
    "given", ["0" * 32, "305123456" + "0" * 23, "00000000-0000-4000-8000-000305123456", "1" * 12 + "4" + "1" * 19]
)
def test_an_events_id_is_random(kept: Kept, given: str) -> None:
    """An id that isn't a random UUID may be somebody's number: the event gets another."""
    sentry_sdk.capture_event({"event_id": given, "message": "x"})
    sentry_sdk.get_client().transport.capture_envelope(
        Envelope({"event_id": given}, [Item(payload=PayloadRef(json={"event_id": given}), type="event")])
    )
    assert len(kept.envelopes) == 2
    for envelope in kept.envelopes:
        sent = envelope.headers["event_id"]
        assert sent == envelope.items[0].payload.json["event_id"] != given.replace("-", "")
        assert uuid.UUID(sent).version == 4


@pytest.mark.parametrize("number", [305123456, 30512345, 3051234567, 0])
def test_a_time_far_from_now_is_somebodys_number(kept: Kept, number: int) -> None:
    """The times of events and breadcrumbs lie around now, whatever the application puts there."""
    name = "x"
    crumb = {"timestamp": number, "category": "log", "type": "debug", "message": f"{name}"}
    sentry_sdk.capture_event({"message": "x", "timestamp": number, "breadcrumbs": {"values": [crumb]}})
    [event] = kept.events
    assert abs(event["timestamp"] - time.time()) < 60
    assert all("timestamp" not in crumb for crumb in event.get("breadcrumbs", {}).get("values", []))
    assert str(number) not in str(event["breadcrumbs"])


def test_an_event_as_bytes_is_made_anew(kept: Kept) -> None:
    """An event that was serialised by hand is read and made anew."""
    item = Item(payload=b'{"message": "Dana Levi", "level": "fatal", "extra": {"name": "Dana"}}', type="event")
    sentry_sdk.get_client().transport.capture_envelope(Envelope(items=[item]))
    assert kept.events[0]["level"] == "fatal"
    assert b"Dana" not in kept.bytes


@pytest.mark.parametrize("payload", [b"no json", b"[1]", b'"text"', b"null", b"\xff\xfe"])
def test_an_event_that_cannot_be_rebuilt_is_dropped_and_counted(kept: Kept, payload: bytes) -> None:
    """The filter fails closed, and raises nothing."""
    before = _dropped("guard_failed")
    sentry_sdk.get_client().transport.capture_envelope(Envelope(items=[Item(payload=payload, type="event")]))
    assert kept.envelopes == []
    assert _dropped("guard_failed") == before + 1


HOSTILE = [
    {"tags": 1}, {"tags": ["x"]}, {"user": []}, {"contexts": [1]}, {"contexts": {"runtime": 1}}, {"exception": 1},
    {"exception": {"values": [None, 1, {}]}}, {"breadcrumbs": 1}, {"breadcrumbs": {"values": [1, {"data": 1}]}},
    {"timestamp": float("nan")}, {"timestamp": 10**40}, {"level": []}, {"logger": {}}, {"fingerprint": "x"},
    {"event_id": 7}, {"event_id": "../x"},
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_fields_of_the_wrong_type_do_no_harm(kept: Kept, hostile: dict[str, object]) -> None:
    """An event whose fields aren't what they should be leaves without them, or not at all."""
    item = Item(payload=PayloadRef(json=hostile), type="event")
    sentry_sdk.get_client().transport.capture_envelope(Envelope(items=[item]))
    for event in kept.events:
        assert len(event["event_id"]) == 32
        assert event["level"] == "error"


def test_an_inner_transport_that_raises_is_not_heard_of(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What sending raises doesn't reach the application, and is counted."""

    def fail(_envelope: Envelope) -> None:
        raise OSError("no network")

    monkeypatch.setattr(kept, "capture_envelope", fail)
    before = drops.failures().get(("sentry", "OSError"), 0)
    sentry_sdk.capture_message("still here")
    assert drops.failures()[("sentry", "OSError")] == before + 1


def test_printed_envelopes_are_the_guarded_ones(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SENTRY_PRINT_ENVELOPES` prints behind the guard: what leaves, and no more."""
    del kept
    monkeypatch.setenv("SENTRY_PRINT_ENVELOPES", "true")
    client = sentry_sdk.Client("http://a@127.0.0.1:9/1", transport=Kept())
    assert isinstance(client.transport, GuardedTransport)
    assert type(client.transport._inner).__name__ == "_EnvelopePrinterTransport"
