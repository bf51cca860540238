"""A fresh application with the documented set-up, two of them on a page, in a real Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pazpaz_otel.audit.scan import Scanner
from tests.programs.envelopes import envelope_items
from tests.programs.frontend import frontend_folder
from tests.stack import browser

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NAME = "zquithbazin"


@pytest.fixture(scope="module")
def used() -> tuple[browser.Ingest, list[str]]:
    """What reached Sentry from the application after it was used, and what the page logged."""
    ingest = browser.Ingest()
    root = frontend_folder() / "e2e" / "fresh" / "dist"
    with ingest.server, browser.page_server(root, "http://127.0.0.1:9", ingest.dsn, "") as site:
        seen = json.loads(browser.run_node(["fresh.mjs"], {"url": site.url, "name": NAME}))
    return ingest, seen["logged"]


def test_nothing_that_the_run_makes_leaves(used: tuple[browser.Ingest, list[str]]) -> None:
    """A route, a script, a frame, a class, a tag made of data: none leaves, of none of the page's Sentry clients."""
    ingest, _ = used
    scanner = Scanner({"name": (NAME,), "state": ("is-pregnant",), "score": ("--score", "85%")})
    finds = [
        find
        for one in ingest.received
        for header, payload in envelope_items(one.body)
        for find in scanner.data(json.dumps(header).encode() + browser.inflated(payload), str(header.get("type")))
    ]
    assert finds == []
    assert ingest.kinds() <= {"event", "transaction", "replay_event", "replay_recording", "span"}


def test_errors_are_readable_and_the_second_client_is_told(used: tuple[browser.Ingest, list[str]]) -> None:
    """The application's own error arrives whole with its script; one line tells of the later client."""
    ingest, logged = used
    values = [event["exception"]["values"][0] for event in ingest.items("event") if "exception" in event]
    (failed,) = [value for value in values if value.get("value") == "The fresh application failed"]
    assert failed["stacktrace"]["frames"][-1]["filename"].startswith("app:///assets/")
    assert "Failed to fetch dynamically imported module" in [value.get("value") for value in values]
    assert len([line for line in logged if "[pazpaz-otel] Sentry was also started" in line]) == 1


def test_fingers_are_not_in_the_recording(used: tuple[browser.Ingest, list[str]]) -> None:
    """The recording has neither the choice of a radio button nor what was drawn on the canvas, nor a pointer's path."""
    ingest, _ = used
    events: list[dict[str, Any]] = [
        event for payload in ingest.recordings() for event in json.loads(browser.inflated(payload).partition(b"\n")[2])
    ]
    drawn = {
        node["id"]: node["tagName"]
        for event in events
        for node in browser.nodes(event)
        if node.get("tagName") in {"input", "canvas", "label"}
    }
    assert set(drawn.values()) == {"input", "canvas", "label"}
    touched = [event["data"]["id"] for event in events if event["type"] == 3 and event["data"]["source"] in {2, 5}]
    assert touched
    assert not set(touched) & set(drawn)
    assert not [event for event in events if event["type"] == 3 and event["data"]["source"] in {1, 6, 12}]
