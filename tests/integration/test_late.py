"""Telemetry that comes after the application: nothing is missed, nothing is measured twice, no name of data leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.instrumented import attributes, completed, errors, everything, points, spans
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "dvora" + "mizrahi"


class Late:
    """What left of `apps/late.py`.

    Args:
        folder: where it runs.
        order: `served` where the application has served before.
        settings: of the distribution.
    """

    def __init__(self, folder: Path, order: str, settings: dict[str, str]) -> None:
        with HttpSink() as telemetry, HttpSink() as sentry:
            completed(
                "late.py", folder, telemetry, {"SENTRY_DSN": sentry.dsn, **settings}, SECRET, order, zero_code=False
            )
            self.spans = spans(telemetry)
            durations = points(telemetry, "http.server.request.duration")
            self.counts = [(attributes(point)["http.route"], point.count) for point in durations]
            self.events = errors(sentry)
            self.everything = everything(telemetry) + everything(sentry)

    def named(self, name: str) -> list[Any]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"PAZPAZ_OTEL_LEAN": "false"}], ids=["lean", "contrib"])
@pytest.mark.parametrize("order", ["made", "served"])
def test_an_older_application_is_whole(tmp_path: Path, order: str, settings: dict[str, str]) -> None:
    """One span and one count a request, under its whole route; statements by their tables; one event an error."""
    late = Late(tmp_path, order, settings)
    route = "/clinics/{clinic_id}"
    assert sorted(late.counts) == [(f"{route}/made", 1), (f"{route}/rooms/{{room_id}}", 2), (f"{route}/twice", 1)]
    assert len(late.named(f"GET {route}/rooms/{{room_id}}")) == 2
    assert not any("health" in span.name for span in late.spans)
    texts = {attributes(span).get("db.query.text") for span in late.named("SELECT rooms")}
    assert texts == {
        "select label from rooms where room_id = :room_id",
        "SELECT room_id FROM rooms WHERE label = ? ORDER BY label",
        "SELECT rooms.room_id AS number FROM rooms WHERE rooms.label = ?",
    }
    [socket] = [span for span in late.spans if span.name.endswith("/live")]
    assert (socket.status.code, attributes(socket).get("sentry.event_id")) == (0, None)
    failed = [attributes(span) for span in late.named("INSERT rooms") if span.status.code == 2]
    assert [found["db.response.status_code"] for found in failed] == ["SQLITE_CONSTRAINT_UNIQUE"]
    assert [found["error.type"] for found in failed] == ["sqlite3.IntegrityError"]
    assert len(late.events) == 1
    assert late.events[0]["transaction"] == f"{route}/twice"
    assert SECRET not in late.everything
    assert "<redacted>" not in {span.name for span in late.spans}
