"""A canary for each place that sentry-sdk can pick one up from: none leaves, and what leaves is still of use."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.sinks import HttpSink, Received
from pazpaz_otel.settings import inherited
from tests.programs.envelopes import envelope_items
from tests.stack.sentry_plants.registry import SOURCE_LINE, canary

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


@dataclass
class Run:
    """What a run of the plants sent.

    Attributes:
        seed: of its canaries.
        places: where canaries were planted.
        received: the requests, to Sentry and elsewhere.
        errors: what it wrote to standard error.
    """

    seed: str
    places: list[str]
    received: list[Received]
    errors: str

    def leaked(self, wanted: Callable[[Received], bool]) -> list[str]:
        """The places whose canary is in a request, header or body."""
        sent = [
            json.dumps(request.headers).encode() + request.path.encode() + request.body
            for request in self.received
            if wanted(request)
        ]
        found = {place for place in self.places if _in(canary(self.seed, place), sent)}
        found |= {"source line"} if _in(SOURCE_LINE, sent) else set()
        return sorted(found | ({"folder and arguments"} if _in(f"folder{self.seed}", sent) else set()))

    @property
    def items(self) -> list[tuple[dict[str, Any], Any]]:
        """The items of all envelopes, with their headers."""
        return [
            item for request in self.received if request.sink == "sentry" for item in envelope_items(request.body)[1:]
        ]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events."""
        return [json.loads(payload) for header, payload in self.items if header["type"] == "event"]


def _in(text: str, sent: list[bytes]) -> bool:
    return any(text.encode() in body for body in sent)


def _run(mode: str, folder: Path) -> Run:
    seed = uuid.uuid4().hex
    place = folder / f"folder{seed}"
    place.mkdir()
    program = shutil.copytree(Path(__file__).parent / "sentry_plants", place / "plants")
    scripts = Path(sys.executable).parent
    command = [sys.executable] if mode == "stock" else [str(scripts / "opentelemetry-instrument"), sys.executable]
    with HttpSink() as sink:
        environment = {
            "SENTRY_DSN": sink.dsn,
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_SERVICE_NAME": "plants",
            "PYTHONPATH": "",
        }
        done = subprocess.run(
            [*command, program, mode, seed, sink.endpoint, f"folder{seed}"],
            env=inherited(environment),
            cwd=place,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return Run(seed, done.stdout.split("\n")[:-1], list(sink.received), done.stderr)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The plants under sentry-sdk as it comes."""
    return _run("stock", tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="module", params=["guarded", "own"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The plants under the distribution: with its own client, and with one that the application starts."""
    return _run(request.param, tmp_path_factory.mktemp(request.param))


def _to_sentry(request: Received) -> bool:
    return request.sink == "sentry" or "spotlight" in request.path


def test_the_plants_reach_a_stock_client(stock: Run) -> None:
    """The planting works: without the distribution, most canaries arrive."""
    leaked = stock.leaked(_to_sentry)
    print(
        f"\nstock sentry-sdk: {len(leaked)} of {len(stock.places) + 2} planted texts leave, {len(stock.events)} events"
    )
    print("kept by stock:", sorted(set(stock.places) - set(leaked)))
    assert len(leaked) > 0.6 * len(stock.places)


def test_no_canary_leaves(guarded: Run) -> None:
    """No canary is in any byte that goes to Sentry, nor to Spotlight, headers included."""
    print(f"\nguarded: {len(guarded.leaked(_to_sentry))} of {len(guarded.places) + 2}, {len(guarded.events)} events")
    assert guarded.leaked(_to_sentry) == []


def test_no_canary_goes_past_in_headers_of_other_calls(guarded: Run) -> None:
    """An outgoing call of the application carries no `sentry-trace`, no foreign baggage and no trace state."""
    outgoing = [request for request in guarded.received if request.path == "/outgoing"]
    assert outgoing
    assert guarded.leaked(lambda request: request.path == "/outgoing") == []
    assert all("sentry-trace" not in request.headers for request in outgoing)


def test_only_events_leave(guarded: Run) -> None:
    """No other kind of item reaches the server, and none reaches Spotlight."""
    assert {header["type"] for header, _ in guarded.items} == {"event"}
    assert [request for request in guarded.received if "spotlight" in request.path] == []


def test_errors_of_requests_are_linked_whoever_starts_the_client(guarded: Run) -> None:
    """Every error of a request is linked to a span, one event each, also with a client of the application's own."""
    served = [event for event in guarded.events if "request" in event]
    assert len(served) >= 5
    assert [event for event in served if "trace" not in event["contexts"]] == []
    assert len({event["event_id"] for event in guarded.events}) == len(guarded.events)


def test_the_errors_still_arrive(guarded: Run, stock: Run) -> None:
    """Every error that the stock client sends arrives guarded as well, by its type."""
    missing = _types(stock.events) - _types(guarded.events)
    # Classes that aren't a loaded module's own are shown as the nearest base class that is.
    assert {name for name in missing if not name.startswith("cnry")} == set()


def _types(events: list[dict[str, Any]]) -> set[str]:
    return {value["type"] for event in events for value in (event.get("exception") or {}).get("values", [])}
