"""Recorded requests: what is planted in each, and what the report says of it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from pazpaz_otel.audit.application.client import Client
from pazpaz_otel.audit.application.coverage import Coverage
from pazpaz_otel.audit.application.login import Login
from pazpaz_otel.audit.application.plants import planting
from pazpaz_otel.audit.application.recorded import read_traffic
from pazpaz_otel.audit.report import Report, render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = "Zippora & Ben-Ami"


class Desk(BaseHTTPRequestHandler):
    """An application that takes a note with a date, lists notes, and finds patients by number, name or query."""

    notes: list[Any]
    seen: list[str]
    everything = False

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.seen.append(unquote(self.path))
        known = path in {"/notes", "/patients/1", "/search"} or path.startswith("/by-name/")
        if path.startswith("/broken/"):
            self._answer(500, [])
            return
        found = self.notes if path == "/notes" else parse_qs(query) if path == "/search" else []
        self._answer(200 if known or self.everything else 404, found)

    def do_POST(self) -> None:
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            date.fromisoformat(note["when"])
        except ValueError:
            self._answer(422, [])
        else:
            self.notes.append(note)
            self._answer(201, [])

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def _served(*, everything: bool = False) -> Iterator[tuple[Client, Coverage, Any]]:
    handler = type("Served", (Desk,), {"notes": [], "seen": [], "everything": everything})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = int(server.server_address[1])
        coverage = Coverage({})
        yield Client(port, Login(port, {}, []), coverage), coverage, handler
        server.shutdown()


def _repeat(folder: Path, client: Client, lines: list[dict[str, Any]]) -> None:
    file = folder / "traffic.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    for surface in planting(client, [], [], read_traffic(str(file))).all:
        surface.plant(TEXT if surface.variants == ("plain",) else TEXT[::-1])


def test_a_text_is_planted_wherever_the_application_accepts_it(tmp_path: Path) -> None:
    """Each request is planted where its handler still runs; what can't be planted, or read back, stays as recorded."""
    lines = [
        {"method": "POST", "path": "/notes", "body": {"when": "2026-12-01", "reason": "chorea", "patient": 1}},
        {"method": "GET", "path": "/notes"},
        {"method": "GET", "path": "/search?q=Cohen&page="},
        {"method": "GET", "path": "/by-name/Cohen"},
        {"method": "GET", "path": "/patients/1"},
        {"method": "GET", "path": "/broken/Cohen"},
    ]
    with _served() as (client, coverage, desk):
        _repeat(tmp_path, client, lines)
    assert client.planted == {
        "POST /notes": {"body"},
        "GET /notes": {"answer"},
        "GET /search": {"query"},
        "GET /by-name/Cohen": {"path"},
        "GET /patients/1": set(),
        "GET /broken/Cohen": {"path"},
    }
    assert {"when": "2026-12-01", "reason": TEXT, "patient": 1} in desk.notes
    assert f"/by-name/{TEXT}" in desk.seen
    assert coverage.unreached == ()


def test_an_application_that_answers_every_path(tmp_path: Path) -> None:
    """Where any path has an answer, a planted one says nothing of the recorded route: it counts as recorded."""
    with _served(everything=True) as (client, _, _):
        _repeat(tmp_path, client, [{"method": "GET", "path": "/by-name/Cohen"}])
    assert client.planted == {"GET /by-name/Cohen": set()}


def test_a_request_as_recorded_is_not_proven() -> None:
    """The report says for each recorded request where it was planted; one that never was makes the exit code 2."""
    rows = (
        {"route": "POST /notes", "reached": True, "statuses": {"201": 5}, "planted": ["body"]},
        {"route": "GET /patients/1", "reached": True, "statuses": {"200": 5}, "planted": []},
    )
    report = Report(4, ("app.traffic",), 5, (), {"otlp": 100}, routes=rows, unplanted=("GET /patients/1",))
    lines = render(report).splitlines()
    assert not [line for line in lines if line.startswith("useful attributes")]
    assert "as recorded, unproven   1 of 2" in lines
    assert "          POST /notes  201:5  planted in body" in lines
    assert "          GET /patients/1  200:5  as recorded" in lines
    assert report.exit_code == 2


def test_a_recording_of_a_browser_holds_static_files(tmp_path: Path) -> None:
    """Scripts, styles and fonts in a HAR file aren't repeated: no handler of theirs knows a patient."""
    kinds = {"/app.js": "text/javascript", "/app.css": "text/css", "/a.woff2": "font/woff2", "/api": "application/json"}
    entries = [
        {
            "request": {"method": "GET", "url": f"http://localhost{path}"},
            "response": {"content": {"mimeType": kind}},
        }
        for path, kind in kinds.items()
    ]
    file = tmp_path / "recorded.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))
    assert [request.target for request in read_traffic(str(file))] == ["/api"]


def test_where_nothing_arrived_the_report_has_a_hint() -> None:
    """Where only output came, the report says what a command of the user's own has to begin with."""
    report = Report(4, ("app.traffic",), 5, (), {"otlp": 0, "stderr": 100}, last_words=("Listening",))
    told = render(report)
    assert "begin with\nopentelemetry-instrument" in told
    assert told.splitlines()[-2] == "Listening"
