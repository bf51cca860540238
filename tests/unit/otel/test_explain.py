"""What a developer is told of dropped attributes, at a terminal of their own and nowhere else."""

from __future__ import annotations

import importlib
import io
import json
import shutil
import sys
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import INVALID_SPAN

from pazpaz_otel import patches
from pazpaz_otel.otel import explain as explaining
from pazpaz_otel.otel.explain import explain
from pazpaz_otel.otel.explain_hints import hint
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor, RedactingSpanProcessor
from pazpaz_otel.otel.undeclared import prove_instruments
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.model import MetricRule
from pazpaz_otel.policy.proposal import propose
from pazpaz_otel.policy.vocabulary import refused
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.metric import MetricGuard
from pazpaz_otel.redact.provenance.excerpts import written_as_key
from pazpaz_otel.redact.sql.sanitiser import sanitise
from pazpaz_otel.sentry.capture import Capture
from pazpaz_otel.sentry.event import EventFilter, Identity
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pazpaz_otel.policy import Policy

SECRET = bytes.fromhex("64766f7261").decode()


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    """Nobody listens before or after a test."""
    with patches.restored():
        yield
    drops.watch(None)


class Terminal(io.StringIO):
    """Standard error, as a terminal or as a file."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def told(monkeypatch: pytest.MonkeyPatch, settings: Settings, *, is_terminal: bool) -> str:
    """What is written while a span gets three attributes, one of them twice."""
    terminal = Terminal(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    explain(settings, Guard(load_policy(), Evidence()))
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        span.set_attribute("client.name", "Dvora")
        span.set_attribute("client.name", "Mizrahi")
        span.set_attributes({"workspace.id": "Dvora", "http.request.method": "GET"})
    return terminal.getvalue()


def test_each_dropped_key_is_explained_once(monkeypatch: pytest.MonkeyPatch):
    """The key, the place that set it, the reason and the hint; never the value, and nothing of what leaves."""
    lines = told(monkeypatch, Settings(explain=True), is_terminal=True).splitlines()
    assert len(lines) == 2
    assert "client.name is dropped, set at " in lines[0]
    assert "test_explain.py:" in lines[0]
    assert lines[0].endswith(": refused: looks like personal data, which may be patient data")
    assert "workspace.id is dropped" in lines[1]
    assert "to let it out: a value of kind uuid" in lines[1]
    assert "Dvora" not in "".join(lines)


def test_a_terminal_shows_no_key_that_data_made(monkeypatch: pytest.MonkeyPatch):
    """The place is named, and not the key."""
    terminal = Terminal(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    explain(Settings(explain=True), Guard(load_policy(), Evidence()))
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        span.set_attribute(f"note.{SECRET}", 1)
        span.set_attributes({SECRET: 1})
    assert "a span attribute is dropped, set at " in terminal.getvalue()
    assert SECRET not in terminal.getvalue()


def test_a_key_of_a_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its own statement has it; the place is that of the application that called it."""
    (tmp_path / "booking_library.py").write_text("def book(span):\n    span.set_attribute('booking.shelf', 1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(explaining, "is_installed", lambda file: "booking_library" in file)
    terminal = Terminal(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    explain(Settings(explain=True), Guard(load_policy(), Evidence()))
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        importlib.import_module("booking_library").book(span)
    assert "booking.shelf is dropped, set at tests/unit/otel/test_explain.py:" in terminal.getvalue()


@pytest.mark.parametrize(
    ("settings", "is_terminal"),
    [
        (Settings(explain=False), True),
        (Settings(explain=True), False),
        (Settings(explain=True, resource_attributes=(("deployment.environment.name", "production"),)), True),
    ],
    ids=["not asked for", "not a terminal", "not local"],
)
def test_elsewhere_nothing_is_told(monkeypatch: pytest.MonkeyPatch, settings: Settings, is_terminal: bool):
    """Unasked, into a file, or outside a local environment, no dropped key is shown."""
    assert "client.name" not in told(monkeypatch, settings, is_terminal=is_terminal)


def learnt(tmp_path: Path, settings: Settings) -> list[dict[str, str]]:
    """What stands in the file after a span and a log record with attributes that don't leave."""
    file = tmp_path / "explained.jsonl"
    guard = Guard(load_policy(), Evidence())
    explain(replace(settings, explain_file=str(file)), guard)
    person = "dvora"
    traces, logs = _providers(guard)
    with traces.get_tracer(__name__).start_as_current_span("visit", attributes={"visit.length": 45}) as span:
        for _ in range(3):
            span.set_attribute("clinic.room", person)
        span.set_attribute(f"note.{person}", person)
        logs.get_logger(__name__).emit(LogRecord(body=f"{person}{person}", attributes={"clinic.open": bool(person)}))
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_file_has_what_a_policy_can_be_learnt_from(tmp_path: Path):
    """Each drop once, with surface, reason, key, type and place; a key that the source doesn't have isn't written."""
    lines = learnt(tmp_path, Settings())
    # The SDK's own name of a service that nobody named isn't the configuration's.
    found = {line["key"]: line for line in lines if "key" in line and line["surface"] != "resource"}
    assert {key: (line["surface"], line["reason"], line.get("type")) for key, line in found.items()} == {
        "visit.length": ("span_attribute", "unlisted_key", "int"),
        "clinic.room": ("span_attribute", "unlisted_key", "str"),
        "clinic.open": ("log_attribute", "unlisted_key", "bool"),
    }
    assert all("test_explain.py:" in line["at"] for line in found.values())
    assert sum(line.get("key") == "clinic.room" for line in lines) == 1
    assert any(line["surface"] == "log_body" and line["reason"] == "unproven_text" for line in lines)
    assert "dvora" not in json.dumps(lines)
    proposal = propose([json.dumps(line) for line in lines], load_policy())
    assert {entry.name: entry.rule for entry in proposal.entries} == {
        "visit.length": "{number: [0, 1000000]}",
        "clinic.room": "",
        "clinic.open": "bool",
    }


def test_no_file_is_written_in_production(tmp_path: Path):
    """In production nothing is written down, whatever is asked for."""
    for environment in ("production", "prod"):
        settings = Settings(resource_attributes=(("deployment.environment.name", environment),))
        assert learnt(tmp_path, settings) == []


@pytest.mark.parametrize(
    ("value", "explain_", "file"),
    [("true", True, None), ("0", False, None), ("", False, None), ("drops.jsonl", True, "drops.jsonl")],
)
def test_the_setting_is_a_switch_or_a_file(value: str, explain_: bool, file: str | None):
    """`PAZPAZ_OTEL_EXPLAIN` is true, false, or a file's name."""
    settings = Settings.from_env({"PAZPAZ_OTEL_EXPLAIN": value})
    assert (settings.explain, settings.explain_file) == (explain_, file)


def explained(folder: Path, act: Callable[[Guard], None], policy: Policy | None = None) -> list[dict[str, Any]]:
    """What the file has after `act` ran under a guard."""
    file = folder / "explained.jsonl"
    guard = Guard(policy or load_policy(), Evidence())
    explain(replace(Settings(resource_attributes=(("team.colour", "x"),)), explain=True, explain_file=str(file)), guard)
    act(guard)
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _of(lines: list[dict[str, Any]], surface: str) -> dict[str, str]:
    found = [line for line in lines if line["surface"] == surface]
    assert all("test_explain.py:" in line["at"] for line in found)
    return {line.get("key", ""): line.get("change", "") for line in found}


def test_an_undeclared_instrument_is_explained_where_it_is_made(tmp_path: Path):
    """Its name, its type and the policy's line, if the source names it; where data does, the place alone."""
    named = "visits." + SECRET

    def act(guard: Guard) -> None:
        prove_instruments(guard)
        meter = MeterProvider(shutdown_on_exit=False).get_meter(__name__)
        meter.create_counter("visits.kept")
        meter.create_histogram(named)

    lines = explained(tmp_path, act, replace(load_policy(), undeclared_metrics="drop"))
    assert _of(lines, "metric") == {
        "visits.kept": "metrics: {visits.kept: {type: counter}}",
        "": "a name that is a literal where it is made, or `metrics: {<name>: {type: …}}`",
    }
    assert SECRET not in json.dumps(lines)
    assert {entry.name: entry.rule for entry in propose(map(json.dumps, lines), load_policy()).entries} == {
        "visits.kept": "{type: counter}"
    }


def test_a_key_of_a_statement_that_has_ended_is_named(tmp_path: Path):
    """A key that the running function writes is named where its span ends; one that data made never is."""

    def act(guard: Guard) -> None:
        traces = TracerProvider(shutdown_on_exit=False)
        traces.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(InMemorySpanExporter()), guard))
        with traces.get_tracer(__name__).start_as_current_span("visit") as span:
            span.add_event("rendered", {"clinic.lamp": SECRET})
            span.add_event("rendered", {f"of {SECRET}": 1})
            span.add_event("rendered", dict(colour_of_room=SECRET))  # noqa: C408 - a keyword

    lines = explained(tmp_path, act)
    found = _of(lines, "span_event")
    assert found["clinic.lamp"] == "attributes: {clinic.lamp: <kind>}"
    assert found["colour_of_room"] == "attributes: {colour_of_room: <kind>}"
    assert "a literal where it is set" in found[""]
    assert SECRET not in json.dumps(lines)


def test_an_attribute_of_a_metric_is_explained(tmp_path: Path):
    """The key and the metric that doesn't list it."""
    rule = MetricRule("visits.kept", "counter")
    policy = replace(load_policy(), metrics={rule.name: rule})

    def act(guard: Guard) -> None:
        MetricGuard(guard).admit(rule, {"clinic.room": SECRET, "user.id": SECRET})

    lines = explained(tmp_path, act, policy)
    line = "metrics: {visits.kept: {attributes: [%s]}}"
    assert _of(lines, "metric_attribute") == {
        "clinic.room": "attributes: {clinic.room: <kind>}, " + line % "clinic.room",
        "user.id": line % "user.id",
    }
    assert SECRET not in json.dumps(lines)


def test_a_host_is_explained_only_if_the_source_has_it(tmp_path: Path):
    """The host of a URL in the calling statement is named; one that data gave isn't."""

    def act(guard: Guard) -> None:
        def call(url: str) -> None:
            guard.attributes.clean({"server.address": url.split("/")[2]}, "span_attribute")

        call("https://sms.gateway.example/send")
        call(f"https://{SECRET}.example/send")

    lines = explained(tmp_path, act)
    assert _of(lines, "span_attribute") == {
        "sms.gateway.example": "hosts: [sms.gateway.example]",
        "": "hosts: [<host>], or the host of a URL in the environment",
    }
    assert SECRET not in json.dumps(lines)
    assert [entry.name for entry in propose(map(json.dumps, lines), load_policy()).entries] == ["sms.gateway.example"]


def test_a_word_of_a_statement_is_explained_only_if_the_source_has_it(tmp_path: Path):
    """The table that the running statement names is proposed; a word that data gave isn't."""

    def act(_: Guard) -> None:
        def run(statement: str) -> None:
            assert sanitise(f"{statement} AND x", "postgresql", lambda _: False) is not None

        run("SELECT id FROM invoices_archive WHERE id = 3")
        run(f"SELECT id FROM {SECRET} WHERE id = 4")

    lines = explained(tmp_path, act)
    assert _of(lines, "sql")["invoices_archive"] == "sql: {identifiers: [invoices_archive]}"
    assert SECRET not in json.dumps(lines)
    assert "invoices_archive" in {entry.name for entry in propose(map(json.dumps, lines), load_policy()).entries}


def test_a_key_of_the_resource_is_explained(tmp_path: Path):
    """What the operator configured under a key that nobody names, with the policy's line."""

    def act(guard: Guard) -> None:
        guard.attributes.clean({"team.colour": "blue", SECRET: "x"}, "resource")

    lines = [line for line in explained(tmp_path, act) if line["surface"] == "resource"]
    assert {line.get("key", ""): line.get("change", "") for line in lines} == {
        "team.colour": "attributes: {team.colour: config}",
        "": "",
    }
    assert SECRET not in json.dumps(lines)


@pytest.mark.parametrize(
    ("configured", "why"), [((), "the environment doesn't set it"), ((("service.name", SECRET),), "its value isn't")]
)
def test_a_service_without_a_name_is_told_so(
    monkeypatch: pytest.MonkeyPatch, configured: tuple[tuple[str, str], ...], why: str
):
    """The SDK's own name for it is no value that anybody gave."""
    terminal = Terminal(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    guard = Guard(load_policy(), Evidence())
    explain(Settings(explain=True, resource_attributes=configured), guard)
    guard.attributes.clean({"service.name": "unknown_service:python"}, "resource")
    told = terminal.getvalue()
    assert f"service.name is dropped: {why}" in told
    assert "set OTEL_SERVICE_NAME" in told


def test_tags_and_contexts_of_sentry_are_explained(tmp_path: Path):
    """Each with the policy's line, below the part of the event that it belongs to."""

    def act(guard: Guard) -> None:
        event = {"tags": {"clinic.room": SECRET, SECRET: "x"}, "contexts": {"visit": {"x": SECRET}}}
        EventFilter(guard, Identity()).rebuild(event, Capture("0" * 32, INVALID_SPAN, None, None))

    lines = explained(tmp_path, act)
    assert {key: change for key, change in _of(lines, "sentry").items() if key} == {
        "clinic.room": "sentry: {tags: {clinic.room: <kind>}}",
        "visit": "sentry: {contexts: {visit: <kind>}}",
    }
    assert SECRET not in json.dumps(lines)
    proposal = propose(map(json.dumps, lines), load_policy())
    assert "sentry:\n  tags:" in proposal.text


MODULE = """
def run(traces, logs, key, word, drop):
    with traces.get_tracer(__name__).start_as_current_span("visit") as span:
        span.add_event("rendered", {"clinic.lamp": word})
        span.add_event("rendered", {key: 1})
        span.set_attribute(key, 1)
        if key == "asthma":
            logs.get_logger(__name__).emit(drop({key: 1}))
with TRACES.get_tracer(__name__).start_as_current_span("load") as span:
    span.add_event("rendered", {"clinic.window": 1})
"""


def test_a_key_that_equals_a_text_of_the_program_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What was said elsewhere, or is compared with, is no key; what a function or a script's block writes is."""
    (tmp_path / "desk.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    word = bytes.fromhex("617374686d61").decode()

    def act(guard: Guard) -> None:
        assert text.prove("asthma")
        traces, logs = _providers(guard)
        monkeypatch.setattr("builtins.TRACES", traces, raising=False)
        desk = importlib.import_module("desk")
        desk.run(traces, logs, word, SECRET, lambda attributes: LogRecord(body="visit", attributes=attributes))

    lines = explained(tmp_path, act)
    assert {line.get("key") for line in lines if "desk.py" in line.get("at", "")} == {
        "clinic.lamp",
        "clinic.window",
        None,
    }
    assert word not in json.dumps(lines)
    monkeypatch.delitem(sys.modules, "desk")


def test_nothing_of_a_module_without_a_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The name, file and texts of a module that data made may hold anything."""
    made = types.ModuleType(SECRET)
    made.__file__ = f"/srv/{SECRET}.py"
    monkeypatch.setitem(sys.modules, SECRET, made)
    code = MODULE.partition("with TRACES")[0].replace("clinic.lamp", f"of {SECRET}").replace("run(", f"{SECRET}(")
    exec(compile(code, made.__file__, "exec"), made.__dict__)

    def act(guard: Guard) -> None:
        made.__dict__[SECRET](*_providers(guard), f"for {SECRET}", "x", LogRecord)

    assert SECRET not in json.dumps(explained(tmp_path, act))


def test_a_file_that_is_gone_does_not_fail_the_application(tmp_path: Path):
    """A statement of the application doesn't raise because its explanation can't be written."""
    folder = tmp_path / "run"
    folder.mkdir()
    explain(Settings(explain=True, explain_file=str(folder / "explained.jsonl")), Guard(load_policy(), Evidence()))
    shutil.rmtree(folder)
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("visit") as span:
        span.set_attribute("clinic.room", SECRET)
        span.set_attributes({"clinic.lamp": SECRET})
        assert "clinic.lamp" in span.attributes


def _providers(guard: Guard) -> tuple[TracerProvider, LoggerProvider]:
    traces, logs = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
    traces.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(InMemorySpanExporter()), guard))
    records = SimpleLogRecordProcessor(InMemoryLogRecordExporter())
    logs.add_log_record_processor(RedactingLogRecordProcessor(records, guard))
    return traces, logs


@pytest.mark.parametrize(
    ("surface", "key", "advice"),
    [
        ("span_attribute", "room.colour", "attributes: {room.colour: <kind>}"),
        ("span_attribute", "client.address", ""),
        ("resource", "service.name", "set OTEL_SERVICE_NAME"),
        ("resource", "team", "attributes: {team: config}"),
        (
            "resource",
            "service.versoin",
            "did you mean service.version? Otherwise attributes: {service.versoin: config}",
        ),
    ],
)
def test_no_line_is_advised_for_what_is_personal_by_nature(surface: str, key: str, advice: str):
    """An address of a client gets no line of policy; a service without a name gets the variable to set."""
    assert hint(load_policy(), surface, "unlisted_key", key, {}) == advice


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("url.path", "a path that one of the application's routes matches"),
        ("url.full", "a URL with a host that leaves: hosts: [<host>], or the host of a URL in the environment"),
    ],
)
def test_what_a_refused_value_takes_is_told(key: str, advice: str):
    """A value of these kinds is proven by something else, so the kind's name alone is no hint."""
    assert hint(load_policy(), "span_attribute", "refused_value", key, {}) == advice


def test_a_refused_key_of_the_conventions_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch):
    """A library's span has it, and no statement of the application: the conventions do."""
    terminal = Terminal(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    guard = Guard(load_policy(), Evidence())
    explain(Settings(explain=True), guard)
    traces, _ = _providers(guard)
    key = next(key for key in refused() if key.startswith("network.peer"))
    with traces.get_tracer(__name__).start_as_current_span("GET", attributes={key: SECRET}):
        pass
    assert f"{key} is dropped" in terminal.getvalue()
    assert "refused: a network address" in terminal.getvalue()
    assert "literal where it is set" not in terminal.getvalue()


def test_keys_that_a_statement_makes_are_looked_for_a_few_times(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A loop that makes thousands of them would read its function's source as often."""
    looked: list[str] = []

    def counted(key: str, frame: Any) -> bool:
        looked.append(key)
        return written_as_key(key, frame)

    monkeypatch.setattr(explaining, "written_as_key", counted)
    file = tmp_path / "drops.jsonl"
    explain(Settings(explain_file=str(file)), Guard(load_policy(), Evidence()))
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        for number in range(200):
            span.set_attribute(f"note.{number}", number)
            span.set_attribute("note.literal", number)
    assert len(looked) < 40
    written = [json.loads(line).get("key") for line in file.read_text().splitlines()]
    assert written == [None, "note.literal"]
