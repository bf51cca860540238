"""The practice page in a real Chromium: what it shows on narrow screens, and when its API fails."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest

from tests.programs.frontend import frontend_folder
from tests.stack import browser

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NOTE = {"subjective": "slept well", "objective": "calm", "assessment": "better", "plan": "walk"}


class Notes(BaseHTTPRequestHandler):
    """An API with one note, which can't be read at first."""

    protocol_version = "HTTP/1.1"
    asked = 0
    saved: list[dict[str, str]]

    def do_GET(self) -> None:
        """Refuse the first request, and give the note to every other."""
        type(self).asked += 1
        browser.answer(self, 503 if self.asked == 1 else 200, json.dumps(NOTE).encode(), "application/json", {})

    def do_PUT(self) -> None:
        """Keep what is saved."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.saved.append(json.loads(body))
        browser.answer(self, 200, body, "application/json", {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_note_that_was_not_read_is_not_overwritten() -> None:
    """Where a note can't be read, the page offers only to try again; saved later, the note keeps its other fields."""
    saved: list[dict[str, str]] = []
    handler = type("Handler", (Notes,), {"saved": saved})
    with (
        browser.Server(handler) as backend,
        browser.page_server(frontend_folder() / "page" / "dist", backend.url, "", "") as site,
    ):
        given = {"url": site.url, "path": "/appointments/0b7f3c1e-7a0b-4b63-9d1c-6a1f2b3c4d5e/note"}
        seen = json.loads(browser.run_node(["note.mjs"], given))
    assert seen["buttons"] == ["Try again"]
    assert saved == [{**NOTE, "plan": "rest"}]


def test_every_view_fits_narrow_and_wide_screens(tmp_path: Path) -> None:
    """Each view, filled, empty and failed, says so and is laid out right at 390 and 1280 px, in both directions.

    The active link is marked, the header centred; nothing is too wide, stretched, broken, or touches another.
    """
    browser.run_node(["screenshots.mjs", str(tmp_path), str(frontend_folder() / "page" / "dist")])
    pictures = {file.stem for file in tmp_path.glob("*.png")}
    assert {f"{language}-{width}-note-failed" for language in ("en", "he") for width in (390, 1280)} <= pictures
    assert len(pictures) == 52
