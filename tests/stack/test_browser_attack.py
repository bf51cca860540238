"""An attack on the browser half: a patient in two hundred kinds of place, and questions that fingers answer."""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.decode import fold, readings, text_of
from pazpaz_otel.audit.sinks import Received
from tests.programs.envelopes import envelope_items
from tests.programs.frontend import frontend_folder
from tests.stack import browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

# Each kind of place gets a text of every so manieth shape; the stock SDK's finds only show that it is where data is.
STEPS = {"ours": 1, "react": 4, "stock": 8}
# The build whose thousands of requests Chromium makes; of the others, what it is told to send says the same.
ON_THE_WIRE = "react"
PLACES = 184
STOCK_PLACES, STOCK_SHARE = 160, 0.6
STRUCTURES = {
    "/choices": {"section": 29, "button": 30, "li": 3, "td": 20},
    "/layouts": {"section": 14, "button": 61, "li": 12, "span": 45, "h3": 5},
    "/gestures": {"section": 10, "button": 16, "li": 32, "div": 60, "td": 14, "tr": 4},
}
"""The least numbers of elements that a recording of each page of questions has."""
PROPAGATED = ("traceparent", "tracestate", "baggage", "sentry-trace")


@dataclass(frozen=True)
class Attack:
    """What one build of the attacked application let out.

    Attributes:
        planted: by kind of place, each text with the part of it that no chance makes.
        failed: the kinds of place whose texts couldn't be planted.
        ingest: what reached its Sentry endpoint.
        texts: the texts that left: in paths, headers and bodies, each decoded the ways a reader could.
    """

    planted: dict[str, list[tuple[str, str]]]
    failed: dict[str, str]
    ingest: browser.Ingest
    texts: str

    def finds(self) -> dict[str, list[str]]:
        """The planted texts that left, by kind of place."""
        found = {
            kind: [text for text, core in texts if fold(core) in self.texts] for kind, texts in self.planted.items()
        }
        return {kind: texts for kind, texts in found.items() if texts}


@pytest.fixture(scope="module")
def attacks() -> dict[str, Attack]:
    """One attack on each build: ours of Vue, with each shape in each place, ours of React, and the stock SDK's."""
    seed = secrets.randbits(32)
    with ThreadPoolExecutor(len(STEPS)) as pool:
        return dict(zip(STEPS, pool.map(lambda build: attack(build, seed), STEPS), strict=True))


def attack(build: str, seed: int) -> Attack:
    """Plant the texts that a seed gives into one build's page."""
    ingest, backend = browser.Ingest(), browser.Ingest()
    with (
        ingest.server,
        backend.server,
        browser.page_server(_root(build), backend.server.url, ingest.dsn, "") as site,
    ):
        handed_over = "" if build == ON_THE_WIRE else ingest.server.url
        given = {"url": site.url, "ingest": handed_over, "seed": seed, "step": STEPS[build]}
        seen = json.loads(browser.run_node(["attack.mjs"], given))
    for one in seen["handedOver"]:
        body = base64.b64decode(one["bytes"]) if "bytes" in one else one["text"].encode()
        ingest.keep(Received("sentry", one["path"], one["headers"], body, None))
    left = {request["headers"].get(name, "") for request in seen["requests"] for name in PROPAGATED}
    for one in ingest.received:
        left.add(one.path)
        strings(one.headers, left)
        for line in lines(one.body):
            try:
                strings(json.loads(line), left)
            except ValueError:
                left.update(text_of(line))
    texts = "\n".join(reading for text in left for reading in readings(text))
    return Attack(seen["planted"], seen["failed"], ingest, texts)


def _root(build: str) -> Path:
    """The attacked application, with this package or with the stock SDK."""
    return frontend_folder() / "e2e" / "attack" / f"dist-{build}"


def lines(body: bytes) -> Iterator[bytes]:
    """The lines of an envelope, recordings unpacked; of any other body its own."""
    try:
        items = envelope_items(body) if body else []
        found = [line for header, payload in items for line in (json.dumps(header).encode(), *unpacked(payload))]
    except (ValueError, AttributeError, TypeError):
        # A transport of the application's own writes envelopes as it likes.
        found = body.splitlines()
    yield from found


def unpacked(payload: bytes) -> list[bytes]:
    """The lines of an item's payload."""
    return browser.inflated(payload).splitlines()


def strings(value: Any, into: set[str]) -> None:
    """Add each string and each number of a JSON value, keys included."""
    if isinstance(value, str | int | float):
        into.add(str(value))
    elif isinstance(value, dict):
        for key, member in value.items():
            into.add(key)
            strings(member, into)
    elif isinstance(value, list):
        for member in value:
            strings(member, into)


@pytest.mark.parametrize(("build", "plants"), [("ours", 2400), ("react", 600)])
def test_nothing_of_thousands_of_plants_leaves(attacks: dict[str, Attack], build: str, plants: int) -> None:
    """Of thousands of texts in over 180 kinds of place none is in any byte that leaves, while errors still arrive.

    Each kind of place gets a text of each shape by Vue, and by React, on the wire, of four shapes in turns.
    """
    ours = attacks[build]
    assert ours.failed == {}
    assert len(ours.planted) >= PLACES
    assert sum(map(len, ours.planted.values())) >= plants
    assert ours.finds() == {}
    assert "after the plants" in ours.texts
    assert ours.ingest.recordings()


def test_the_stock_sdk_lets_out_what_is_planted(attacks: dict[str, Attack], capsys: pytest.CaptureFixture[str]) -> None:
    """The stock SDK lets out most texts, of over 160 kinds of place: they are where data is."""
    stock = attacks["stock"]
    finds = stock.finds()
    plants = sum(map(len, finds.values()))
    with capsys.disabled():
        print(f"\nstock SDK: {plants} plants of {len(finds)} kinds of place, not of {set(stock.planted) - set(finds)}")
    assert len(finds) >= STOCK_PLACES
    assert plants >= STOCK_SHARE * sum(map(len, stock.planted.values()))


@cache
def choose(build: str) -> dict[str, list[list[str]]]:
    """Answer the questions of each page of a build with each first choice, and with each last."""
    with ExitStack() as stack:
        ingests = {path: [browser.Ingest(), browser.Ingest()] for path in STRUCTURES}
        sites: dict[str, list[str]] = {path: [] for path in STRUCTURES}
        for path, both in ingests.items():
            for ingest in both:
                stack.enter_context(ingest.server)
                server = browser.page_server(_root(build), "http://127.0.0.1:9", ingest.dsn, "")
                sites[path].append(stack.enter_context(server).url)
        browser.run_node(["choices.mjs"], sites)
    return {path: list(map(shown, both, sites[path])) for path, both in ingests.items()}


def shown(ingest: browser.Ingest, site: str) -> list[str]:
    """What recordings and breadcrumbs show, without times.

    What changed is there node by node: how many changes one event holds is chance.
    """
    events = [
        event
        for payload in ingest.recordings()
        for event in json.loads(browser.inflated(payload).partition(b"\n")[2])
        if event["type"] in {2, 3} or event["data"].get("tag") == "breadcrumb"
    ]
    found = [part for event in events for part in parts(event)]
    found += [
        [crumb.get(name) for name in ("category", "message", "data")]
        for error in ingest.items("event")
        for crumb in error.get("breadcrumbs", [])
    ]
    return sorted(json.dumps(part, sort_keys=True).replace(site, "") for part in found)


def parts(event: dict[str, Any]) -> Iterator[Any]:
    """What an event of a recording says, each node and each change by itself."""
    data = event["data"]
    if event["type"] == 2 or data.get("source") == 0:
        for node in browser.nodes(event):
            yield {name: value for name, value in node.items() if name != "childNodes"}
        for kind in ("attributes", "texts", "removes"):
            yield from ([kind, change] for change in data.get(kind, []))
    elif event["type"] == 3:
        yield data
    else:
        yield [data["payload"].get(name) for name in ("category", "message", "data")]


@pytest.mark.parametrize("path", STRUCTURES)
def test_a_recording_is_the_same_whatever_fingers_choose(path: str) -> None:
    """Questions answered one way or the other, by buttons, seats, strokes, wheels, ranks: what leaves is equal.

    The page's structure is there all the same: elements by their number, and classes.
    """
    first, last = choose("ours")[path]
    assert first == last
    tags = Counter(json.loads(part).get("tagName") for part in first if part.startswith("{"))
    assert {tag: tags[tag] for tag, least in STRUCTURES[path].items() if tags[tag] < least} == {}
    assert any('"class": "bar"' in part for part in first)


@pytest.mark.parametrize(("path", "least"), [("/choices", 40), ("/layouts", 100), ("/gestures", 20)])
def test_a_stock_recording_tells_what_was_chosen(path: str, least: int) -> None:
    """The stock SDK's recordings of the two ways differ in much of what they hold."""
    first, last = choose("stock")[path]
    assert len(set(first) - set(last)) > least
