"""Applications of other makes in a real Chromium: a component library's page, and one of React."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.stack import browser
from tests.stack.applications import built

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NAME = "zquithbazin"


def use(dist: Path, clicks: list[str], awaited: list[str]) -> browser.Ingest:
    """What reaches Sentry of a built application that is served and clicked through."""
    ingest = browser.Ingest()
    with ingest.server, browser.page_server(dist, "http://127.0.0.1:9", ingest.dsn, "") as site:
        browser.run_node(["application.mjs"], {"url": site.url, "name": NAME, "clicks": clicks, "awaited": awaited})
    return ingest


def recorded(ingest: browser.Ingest) -> list[dict[str, Any]]:
    """The events of its recordings."""
    texts = [browser.inflated(payload).partition(b"\n")[2] for payload in ingest.recordings()]
    return [event for text in texts for event in json.loads(text)]


@pytest.fixture(scope="module")
def library() -> browser.Ingest:
    """What left of the component library's page."""
    clicks = ["#answer label:nth-of-type(2)", ".el-checkbox", ".el-rate__item:nth-of-type(4)", "#written", "#fail"]
    return use(built("library", "element-plus"), clicks, ["The library's page failed", "replay_recording"])


def test_a_component_library_s_recording_is_styled(library: browser.Ingest) -> None:
    """The recording has the library's classes and the style sheet that the build made, without those of states."""
    nodes = [node for event in recorded(library) for node in browser.nodes(event)]
    classes = {name for node in nodes for name in node.get("attributes", {}).get("class", "").split()}
    styles = "".join(node.get("attributes", {}).get("_cssText", "") for node in nodes)
    assert {
        "el-card",
        "el-card__body",
        "el-form-item",
        "el-input__wrapper",
        "el-table__body-wrapper",
        "el-button",
    } <= classes
    assert not [name for name in classes if name.startswith("is-")]
    assert ".el-card__body{" in styles
    assert "is-checked" not in styles


def test_nothing_of_the_library_s_page_leaves(library: browser.Ingest) -> None:
    """Neither texts, nor a class made of data, nor what was chosen by radio, checkbox or stars is in what leaves."""
    everything = [browser.inflated(payload) for payload in library.recordings()]
    everything += [json.dumps(library.items(kind)).encode() for kind in ("event", "replay_event", "transaction")]
    assert NAME not in b"".join(everything).decode()
    texts = {node["textContent"] for event in recorded(library) for node in browser.nodes(event) if node["type"] == 3}
    assert texts <= {"", " ", "******"}
    numbers = {
        node["id"]
        for event in recorded(library)
        for node in browser.nodes(event)
        if {"el-radio", "el-checkbox", "el-rate__item"} & set(node.get("attributes", {}).get("class", "").split())
    }
    assert numbers
    changed = [
        change.get("id", change.get("parentId"))
        for event in recorded(library)
        if event["type"] == 3 and event["data"]["source"] == 0
        for kind in ("attributes", "texts", "removes")
        for change in event["data"][kind]
    ]
    touched = [
        event["data"]["id"] for event in recorded(library) if event["type"] == 3 and event["data"]["source"] in {2, 5}
    ]
    assert not numbers & {*changed, *touched}


def test_react_reports_readably_and_nothing_else() -> None:
    """A React component's error and a handler's arrive with message, page and script, and nothing of the data does."""
    awaited = ["The component failed", "No file for", "replay_recording"]
    ingest = use(built("react", "react"), ["#fail", "#break"], awaited)
    events = ingest.items("event")
    errors = {event["exception"]["values"][0]["value"]: event for event in events}
    assert set(errors) == {"The component failed", "No file for {name}"}
    failed = errors["The component failed"]
    assert failed["exception"]["values"][0]["mechanism"]["handled"] is False
    assert failed["transaction"] == "/clients/:id"
    assert failed["sdk"]["name"] == "sentry.javascript.react"
    for event in events:
        assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["filename"].startswith("app:///assets/")
    everything = [browser.inflated(payload) for payload in ingest.recordings()] + [json.dumps(events).encode()]
    assert NAME not in b"".join(everything).decode()
