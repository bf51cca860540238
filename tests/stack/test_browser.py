"""The practice page in a real Chromium: what it sends to Sentry holds no patient data, and still says what broke."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.canaries import Canary, CanaryMaker
from pazpaz_otel.audit.scan import Find, Scanner
from pazpaz_otel.audit.sinks import HttpSink
from tests.integration.backend import Backend
from tests.programs.envelopes import envelope_items
from tests.programs.frontend import frontend_folder
from tests.stack import browser

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CATEGORIES = {
    "name": "name.hebrew", "phone": "phone", "email": "email", "diagnosis": "diagnosis", "note": "soap_note",
}  # fmt: skip
UNSAMPLED, SAMPLED = 0.5, 0
SILENT = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}


@dataclass(frozen=True)
class Day:
    """What left a browser in which a therapist worked and everything broke.

    Attributes:
        site: the page's origin.
        patient: the planted data by field.
        ingest: what reached the browser's Sentry endpoint.
        backend: what reached the back end's.
        otlp: the back end's traces.
        other: what reached a host that is none of the page's.
        sent: every request of the page, with its headers.
        logged: the browser's console.
    """

    site: str
    patient: dict[str, Canary]
    ingest: browser.Ingest
    backend: browser.Ingest
    otlp: HttpSink
    other: browser.Ingest
    sent: list[dict[str, Any]]
    logged: list[str]

    def finds(self) -> list[Find]:
        """The planted texts in what reached the endpoint: paths, headers and bodies."""
        scanner = Scanner({field: canary.tokens for field, canary in self.patient.items()})
        found: list[Find] = []
        for one in self.ingest.received:
            found += scanner.data(f"{one.path}\n{json.dumps(one.headers)}".encode(), "request")
            for header, payload in envelope_items(one.body):
                found += scanner.data(json.dumps(header).encode(), "header")
                found += scanner.data(browser.inflated(payload), str(header.get("type")))
        return found

    def database_spans(self, trace_id: str) -> list[str]:
        """The names of the database's spans in a trace, as the back end exported them."""
        return [
            span.name
            for message in self.otlp.messages(ExportTraceServiceRequest)
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == trace_id and any(one.key == "db.system.name" for one in span.attributes)
        ]

    def event(self, start: str) -> dict[str, Any]:
        """The event whose error's message starts so."""
        return next(
            event
            for event in self.ingest.items("event")
            if event["exception"]["values"][0].get("value", "").startswith(start)
        )

    def errors(self) -> list[tuple[str, str]]:
        """Type and message of every exception that arrived."""
        return [
            (value["type"], value.get("value", ""))
            for event in self.ingest.items("event")
            for value in event.get("exception", {}).get("values", [])
        ]


def spend(folder: Path, root: Path, draw: float, *, strict: bool = True) -> Day:
    """One day: a page, a back end with telemetry, two Sentry endpoints, a foreign host.

    Args:
        folder: for the back end.
        root: the built page.
        draw: what every `Math.random()` gives.
        strict: whether the page has its Content-Security-Policy.
    """
    maker = CanaryMaker(secrets.randbits(32))
    patient = {field: maker.make(category) for field, category in CATEGORIES.items()}
    ingest, behind, other = browser.Ingest(), browser.Ingest(), browser.Ingest()
    otlp = HttpSink()
    settings = {
        **SILENT,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp.endpoint,
        "SENTRY_DSN": behind.dsn,
    }
    policy = browser.content_security_policy(ingest.dsn) if strict else ""
    with (
        ingest.server,
        behind.server,
        other.server,
        otlp,
        Backend(folder, settings, instrumented=True) as backend,
        browser.page_server(root, backend.url, ingest.dsn, policy) as site,
    ):
        given = {
            "url": site.url,
            "other": other.server.url,
            "random": draw,
            "patient": {field: canary.text for field, canary in patient.items()},
        }
        seen = json.loads(browser.run_node(["practice.mjs"], given))
    return Day(site.url, patient, ingest, behind, otlp, other, seen["sent"], seen["logged"])


@pytest.fixture(scope="module")
def page() -> Path:
    """The built page."""
    return frontend_folder() / "page" / "dist"


@pytest.fixture(scope="module")
def quiet(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A day that isn't sampled: errors, and the recording that goes with them."""
    return spend(tmp_path_factory.mktemp("quiet"), page, UNSAMPLED)


@pytest.fixture(scope="module")
def sampled(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A day that is traced and recorded whole, in a page that may call any host."""
    return spend(tmp_path_factory.mktemp("sampled"), page, SAMPLED, strict=False)


@pytest.fixture(params=["quiet", "sampled"])
def day(request: pytest.FixtureRequest) -> Day:
    """Both days in turn."""
    return request.getfixturevalue(request.param)


def test_nothing_planted_leaves(day: Day) -> None:
    """No planted name, phone, address, diagnosis or note is in any byte that reaches Sentry, recordings included."""
    assert day.ingest.kinds() >= {"event", "replay_event", "replay_recording"}
    assert day.finds() == []


def test_the_same_day_with_the_stock_sdk_leaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The day plants what the stock SDK lets through, so that finding nothing means something."""
    day = spend(tmp_path, frontend_folder() / "e2e" / "stock" / "dist", SAMPLED, strict=False)
    places = {(find.plant, find.where) for find in day.finds()}
    with capsys.disabled():
        print(f"\nstock SDK: {len(day.finds())} finds, {sorted(places)}")
    assert {plant for plant, _ in places} == set(CATEGORIES)
    assert {where for _, where in places} >= {"event", "transaction", "replay_recording"}


def test_errors_stay_readable(day: Day) -> None:
    """A message of the source arrives whole, a composed one as its template, any other as a placeholder."""
    errors = day.errors()
    assert ("Error", "Test frontend error - if you see this in Sentry, it works!") in errors
    assert ("Error", "The test endpoint failed, as it should") in errors
    assert ("TypeError", "Cannot read properties of undefined (reading 'phone')") in errors
    assert ("TypeError", "No file for {name}") in errors
    assert ("RangeError", "Too many notes for {name}") in errors
    assert ("SyntaxError", "<redacted>") in errors


def test_an_event_says_where_it_happened(day: Day) -> None:
    """The test button's event has route, component, frames of the bundle and breadcrumbs."""
    event = day.event("Test frontend error")
    frame = event["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert event["transaction"] == "/diagnostics"
    assert event["request"] == {"url": f"{day.site}/diagnostics"}
    assert event["contexts"]["vue"]["componentName"] == "<DiagnosticsPage>"
    assert frame["filename"].startswith("app:///assets/DiagnosticsPage-")
    assert frame["lineno"] >= 1
    assert frame["colno"] > 1
    assert {crumb["category"] for crumb in event["breadcrumbs"]} >= {"navigation", "fetch", "ui.click", "console"}
    assert {"from": f"{day.site}/appointments", "to": f"{day.site}/appointments/:appointmentId/note"} in [
        crumb.get("data") for crumb in event["breadcrumbs"]
    ]


def test_a_request_s_id_stays_with_its_error(day: Day) -> None:
    """The error of a failed request has the request's id as a tag; errors before and after it have none."""
    tagged = {
        event["exception"]["values"][0]["value"]: event["tags"]["request_id"]
        for event in day.ingest.items("event")
        if "request_id" in event.get("tags", {})
    }
    assert set(tagged) == {"The test endpoint failed, as it should"}
    assert len(tagged["The test endpoint failed, as it should"]) == 36


def test_the_server_is_told_to_keep_no_address(day: Day) -> None:
    """Every item and every envelope says that the visitor's address must not be inferred."""
    for one in day.ingest.received:
        if not one.body:
            continue
        (header, _), *items = envelope_items(one.body)
        assert header["sdk"]["settings"] == {"infer_ip": "never"}
        for kind, payload in items:
            if kind["type"] in {"event", "transaction", "replay_event"}:
                assert json.loads(payload)["sdk"]["settings"] == {"infer_ip": "never"}
            if kind["type"] == "span":
                assert json.loads(payload)["ingest_settings"] == {"infer_ip": "never", "infer_user_agent": "never"}


def test_browser_and_back_end_share_a_trace(day: Day) -> None:
    """A request that failed in the back end, its event and the back end's own event have one trace id."""
    assert day.backend.wait_for(bool, 10)
    failed = day.event("The test endpoint failed")
    request = next(one for one in day.sent if "/test/sentry" in one["url"])
    trace_id = failed["contexts"]["trace"]["trace_id"]
    assert request["headers"]["traceparent"].split("-")[1] == trace_id
    assert day.backend.items("event")[0]["contexts"]["trace"]["trace_id"] == trace_id


def test_a_click_s_trace_goes_on_to_the_database(day: Day) -> None:
    """The statements of the request that a click on "Add client" made are in the trace that the browser began."""
    added = next(one for one in day.sent if one["url"].endswith("/api/v1/clients") and one["method"] == "POST")
    trace_id = added["headers"]["traceparent"].split("-")[1]
    assert any("INSERT" in name for name in day.database_spans(trace_id))


def test_every_request_of_the_page_to_its_back_end_is_traced(day: Day) -> None:
    """Fetches and XMLHttpRequests to the back end carry a sampled traceparent."""
    calls = [one for one in day.sent if one["url"].startswith((f"{day.site}/api/", f"{day.site}/test/"))]
    assert len(calls) > 10
    for call in calls:
        version, trace_id, span_id, flags = call["headers"]["traceparent"].split("-")
        assert (version, len(trace_id), len(span_id), flags) == ("00", 32, 16, "01"), call["url"]


def test_no_other_host_gets_the_trace(sampled: Day) -> None:
    """A foreign host gets no traceparent, and nobody gets sentry-trace or baggage."""
    foreign = [one for one in sampled.sent if not one["url"].startswith((sampled.site, "data:", "about:"))]
    assert any(one["url"].startswith(sampled.other.server.url) for one in foreign)
    assert any(one["url"].startswith(sampled.ingest.server.url) for one in foreign)
    assert [one["url"] for one in foreign if "traceparent" in one["headers"]] == []
    assert [one["url"] for one in sampled.sent if {"sentry-trace", "baggage"} & set(one["headers"])] == []


def test_sentry_learns_no_address_of_a_page(day: Day) -> None:
    """Requests to Sentry have no referer and no cookie."""
    assert [one.headers for one in day.ingest.received if {"referer", "cookie"} & set(one.headers)] == []


def test_transactions_are_named_by_route(sampled: Day) -> None:
    """A traced day's transactions have routes as names and the back end's route templates in their spans."""
    transactions = sampled.ingest.items("transaction")
    names = {transaction["transaction"] for transaction in transactions}
    assert names >= {"/sign-in", "/clients", "/clients/:clientId", "/appointments/:appointmentId/note"}
    described = {span.get("description") for one in transactions for span in one["spans"]}
    assert "Application Render" in described
    assert f"GET {sampled.site}/api/v1/clients/{{}}" in described
    assert f"PUT {sampled.site}/api/v1/appointments/{{}}/note" in described


def test_web_vitals_leave(sampled: Day) -> None:
    """A traced day has the paints of its first page, and what an interaction took until the next paint, by its page."""
    measured = {name for one in sampled.ingest.items("transaction") for name in one.get("measurements", {})}
    assert measured >= {"fcp", "lcp", "ttfb"}
    items = [item for container in sampled.ingest.items("span") for item in container["items"]]
    assert "/diagnostics" in {item["attributes"]["sentry.transaction"]["value"] for item in items}
    assert all(item["attributes"]["browser.web_vital.inp.value"]["value"] > 0 for item in items)


def test_a_recording_shows_the_page_without_its_texts(day: Day) -> None:
    """A recording has elements, proven classes, styles and clicks; each text in it is the mask."""
    events = [
        event
        for payload in day.ingest.recordings()
        for event in json.loads(browser.inflated(payload).partition(b"\n")[2])
    ]
    nodes = [node for event in events for node in browser.nodes(event)]
    texts = {node["textContent"] for node in nodes if node["type"] == 3 and not node.get("isStyle")}
    classes = {name for node in nodes for name in node.get("attributes", {}).get("class", "").split()}
    assert {"header", "nav", "main", "form", "textarea", "button"} <= {node.get("tagName") for node in nodes}
    assert texts <= {"", " ", "******"}
    assert {"page", "card", "bar"} <= classes
    assert any(".card{" in node.get("attributes", {}).get("_cssText", "") for node in nodes)
    assert {event["data"].get("text") for event in events if event["data"].get("source") == 5} <= {"", "******"}
    assert any(event["data"].get("source") == 2 for event in events)
    assert not any(event["data"].get("source") in {1, 6, 12} for event in events)


def test_the_policy_lets_the_page_report(quiet: Day) -> None:
    """Under the package's Content-Security-Policy the page reports; a foreign host can't be called."""
    refused = [line for line in quiet.logged if "Content Security Policy" in line]
    assert any(f"Connecting to '{quiet.other.server.url}" in line for line in refused)
    assert not any(f"Connecting to '{quiet.ingest.server.url}" in line for line in refused)
    assert quiet.ingest.recordings()


def test_source_maps_are_not_served(page: Path) -> None:
    """What is served holds no source map and no script that names one; beside it each map lies with its script.

    `sentry-cli` uploads both: a map alone belongs to no frame.
    """
    assert [file.name for file in page.rglob("*.map")] == []
    assert [file.name for file in page.rglob("*.js") if "sourceMappingURL" in file.read_text()] == []
    maps = list((page.parent / "sourcemaps").rglob("*.map"))
    assert maps
    for file in maps:
        script = file.with_suffix("")
        assert script.read_bytes() == (page / "assets" / script.name).read_bytes()


@pytest.mark.parametrize("outage", ["down", "429", "500", "no dsn", "not a dsn"])
def test_a_page_outlives_its_sentry(page: Path, outage: str) -> None:
    """With Sentry down or refusing, without a DSN or with a wrong one, the page works; of a DSN one line tells."""
    ingest = browser.Ingest(status=int(outage) if outage.isdigit() else 200)
    dsn = {"no dsn": "", "not a dsn": "https://example"}.get(outage, ingest.dsn)
    with ingest.server:
        if outage == "down":
            ingest.server.close()
        with browser.page_server(page, "http://127.0.0.1:9", dsn, "") as site:
            seen = json.loads(browser.run_node(["errors.mjs"], {"url": site.url}))
    assert seen["heading"] == "Sign in"
    said = [line for line in seen["logged"] if "[pazpaz-otel]" in line]
    assert len(said) == (1 if "dsn" in outage else 0)
    assert (len(ingest.received) > 0) == outage.isdigit()
