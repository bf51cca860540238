"""Following a page of docs/contributing/ to the letter, in a copy of the tree, does what the page says.

`test_kinds.py` follows the pages on kinds and commands, `unit/integrations/test_registry.py` the one on libraries.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel import yaml_text
from tests.programs import promtool_binary

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "contributing"
SCREEN = 62
"""Lines of a page at most: a screen, and a little."""


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page; those inside a list without its indentation."""
    text = (PAGES / page).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE)
    return ["".join(line.removeprefix(indent) for line in body.splitlines(keepends=True)) for indent, body in found]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the pages change."""
    for name in ("src", "scripts", "monitoring", "docs/runbooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def package(tree: Path) -> Path:
    return tree / "src" / "pazpaz_otel"


def change(file: Path, *pairs: tuple[str, str]) -> None:
    """Replace each text, which stands there once."""
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, f"{file.name}: {old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def run(tree: Path, program: str) -> Any:
    """Run a program in the copy; return the JSON that it prints last."""
    file = tree / "program.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tree,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{tree / 'src'}:{tree}:{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OTEL_SERVICE_NAME": "practice-api",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def is_there(name: str) -> bool:
    """Whether a file is there by its path, or somewhere among those that the pages speak of by the end of its path."""
    folders = ("src", "tests", "monitoring", "docs")
    return (ROOT / name).exists() or any(next((ROOT / folder).rglob(name), None) for folder in folders)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_is_a_screen_and_names_files_that_are_there(page: Path):
    """Each page is short; each file of the repository that it names is there, but for those that it has made."""
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= SCREEN
    named = set(re.findall(r"`([\w/-][\w./-]*\.(?:py|yaml|yml|json|md))`", text))
    made = {"PrometheusSeriesMany.md", "check_in.py", "name.py"}
    assert {name for name in named if Path(name).name not in made and not is_there(name)} == set()


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("add-a-command", "cli/commands/kinds.py"),
        ("add-a-kind", "policy/kinds/rooms.py"),
        ("guard-a-sentry-item", "sentry/check_in.py"),
        ("support-a-library", "integrations/shelf.py"),
    ],
)
def test_a_file_of_a_page_passes_the_linter(page: str, file: str):
    """What a page says to write is what `make lint` accepts at its place."""
    [code] = blocks(f"{page}.md", "python")
    command = [str(Path(sys.executable).with_name("ruff")), "check", "--stdin-filename", f"src/pazpaz_otel/{file}", "-"]
    done = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


CHECK_INS = """
import json
import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from pazpaz_otel.cli import main
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client
from pazpaz_otel.settings import Settings
from tests.unit.sentry.conftest import DSN, Kept

open("policy.yaml", "w").write("version: 1\\nextends: default\\nsentry: {items: [event, check_in]}\\n")
checked = main(["policy", "check", "policy.yaml"])
evidence = Evidence()
evidence.add_tasks(["send_reminders"])
client.start(Settings.from_env({"SENTRY_DSN": DSN}), Guard(load_policy("policy.yaml"), evidence), ())
transport = sentry_sdk.get_client().transport
transport._inner = kept = Kept()
for slug in ("send_reminders", "remind-dana-levi"):
    number = "0190b3f2-7c1a-4d3e-8a2b-0123456789ab"
    payload = {"check_in_id": number, "monitor_slug": slug, "status": "ok", "note": slug}
    transport.capture_envelope(Envelope(items=[Item(payload=PayloadRef(json=payload), type="check_in")]))
print(json.dumps({"checked": checked, "sent": kept.events, "leaked": b"dana" in kept.bytes}))
"""


def test_another_sentry_item_is_guarded(tree: Path):
    """The page's filter sends a known job's check-in made anew, and nothing of another."""
    [code] = blocks("guard-a-sentry-item.md", "python")
    (package(tree) / "sentry" / "check_in.py").write_text(code, encoding="utf-8")
    change(
        package(tree) / "sentry" / "transport.py",
        ("None]]] = {}", 'None]]] = {"check_in": check_in.rebuild}'),
        ("sentry import link, request\n", "sentry import check_in, link, request\n"),
    )
    schema = package(tree) / "policy" / "schema.json"
    document = json.loads(schema.read_text(encoding="utf-8"))
    document["properties"]["sentry"]["properties"]["items"]["items"]["enum"].append("check_in")
    schema.write_text(json.dumps(document), encoding="utf-8")
    assert run(tree, CHECK_INS) == {
        "checked": 0,
        "sent": [
            {"check_in_id": "0190b3f2-7c1a-4d3e-8a2b-0123456789ab", "monitor_slug": "send_reminders", "status": "ok"}
        ],
        "leaked": False,
    }


METRICS = """
import json
import pazpaz_otel
from opentelemetry import metrics
from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.settings import apply_defaults
import os
with HttpSink() as sink:
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.endpoint
    pazpaz_otel.configure()
    metrics.get_meter("x").create_histogram("http.client.request.duration", unit="s").record(0.1)
    pazpaz_otel.histogram("{histogram}").record(1)
    metrics.get_meter_provider().force_flush()
    found = {{
        metric.name: metric.WhichOneof("data")
        for one in sink.received if one.path == "/v1/metrics"
        for resource in one.message.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }}
from scripts.reference import pages
print(json.dumps({{"sent": found, "page": "`pazpaz_otel.guard.surfaces`" in pages()["metrics"]}}))
"""


@pytest.mark.slow
def test_a_metric_is_declared_and_made(tree: Path):
    """The page's metric arrives at the receiver, and stands in the reference."""
    [declared] = blocks("add-a-metric.md", "yaml")
    made, callback = blocks("add-a-metric.md", "python")
    change(
        package(tree) / "policy" / "default.yaml",
        (
            "  pazpaz_otel.guard.dropped:\n",
            textwrap.indent(textwrap.dedent(declared), "  ") + "  pazpaz_otel.guard.dropped:\n",
        ),
    )
    file = package(tree) / "otel" / "drop_metrics.py"
    meter = '    meter = get_meter("pazpaz_otel", __version__)\n'
    change(file, (meter, meter + textwrap.indent(textwrap.dedent(made), "    ")))
    file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{callback}", encoding="utf-8")
    found = run(tree, METRICS.format(histogram="http.server.request.duration"))
    assert found["sent"]["pazpaz_otel.guard.surfaces"] == "sum"
    assert found["page"]


@pytest.mark.slow
def test_metrics_leave_as_exponential_histograms(tree: Path):
    """The page's change is one function of one file, and reaches the receiver; explicit boundaries stay."""
    [code] = blocks("change-how-metrics-leave.md", "python")
    file = package(tree) / "otel" / "views.py"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("def _view(")] + code
    imported = "ExplicitBucketHistogramAggregation, View"
    file.write_text(
        text.replace(imported, f"ExponentialBucketHistogramAggregation, {imported}"),
        encoding="utf-8",
    )
    policy = package(tree) / "policy" / "default.yaml"
    change(policy, ("metrics:\n", 'metrics:\n  notes.length: {type: histogram, unit: "{word}", description: Words.}\n'))
    sent = run(tree, METRICS.format(histogram="notes.length"))["sent"]
    assert sent["notes.length"] == "exponential_histogram"


def add_alert(tree: Path) -> Path:
    rule, limit, case, healthy, outage = blocks("add-an-alert.md", "yaml")
    monitoring = tree / "monitoring"
    for file, block, indent in (
        (monitoring / "alerts" / "monitoring.yaml", rule, "      "),
        (monitoring / "thresholds.yaml", limit, ""),
        (monitoring / "prometheus" / "tests" / "monitoring.yml", case, ""),
        (monitoring / "outages" / "healthy.yaml", healthy, ""),
        (monitoring / "outages" / "outages.yaml", outage, ""),
    ):
        text = file.read_text(encoding="utf-8").rstrip()
        file.write_text(f"{text}\n\n{textwrap.indent(textwrap.dedent(block), indent)}", encoding="utf-8")
    command = [sys.executable, str(monitoring / "render.py")]
    subprocess.run(command, check=True, cwd=tree, capture_output=True, timeout=60)
    return monitoring / "prometheus"


def test_an_alert_is_rendered_with_its_limit_and_runbook(tree: Path):
    """Following the page gives a rule with the limit's value and the link to its runbook."""
    folder = add_alert(tree)
    document = yaml_text.load((folder / "alerts" / "monitoring.yml").read_text(encoding="utf-8"))
    [rule] = [r for group in document["groups"] for r in group["rules"] if r["alert"] == "PrometheusSeriesMany"]
    assert rule["expr"] == "prometheus_tsdb_head_series > 500000"
    assert rule["annotations"]["runbook_url"].endswith("/docs/runbooks/PrometheusSeriesMany.md")


OUTAGES = """
import json
from monitoring.outages import world
outage = world.outages()[-1]
changed = [one for one in world.series(outage) if one["series"].startswith("prometheus_tsdb_head_series{")]
print(json.dumps([outage.title, ["600000" in one["values"] for one in changed]]))
"""


def test_an_alert_s_outage_changes_a_series_of_the_healthy_world(tree: Path):
    """The page's outage names one series, which the page has put into the healthy world."""
    add_alert(tree)
    assert run(tree, OUTAGES) == ["A label of a thousand values makes series without end", [True]]


def test_an_alert_s_case_is_what_each_alert_has_to_have():
    """The page's case is silent, fires and is silent again, as `test_monitoring.py` asks of every alert."""
    [case] = yaml_text.load(blocks("add-an-alert.md", "yaml")[2])
    assert [bool(test["exp_alerts"]) for test in case["alert_rule_test"]] == [False, True, False]


@pytest.mark.stack
def test_an_alert_fires_as_the_page_says(tree: Path):
    """The page's case passes in promtool."""
    folder = add_alert(tree)
    command = [str(promtool_binary()), "test", "rules", "tests/monitoring.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


SURFACES = """
import json
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pazpaz_otel import RedactingSpanProcessor
from pazpaz_otel.audit.plant.spans import SPANS

found = {}
provider = TracerProvider()
open_door, guarded = InMemorySpanExporter(), InMemorySpanExporter()
provider.add_span_processor(SimpleSpanProcessor(open_door))
provider.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(guarded)))
trace.set_tracer_provider(provider)
[surface] = [one for one in SPANS.all if one.name == "span.event.attribute.sequence"]
surface.plant("Dvora Levinson")
print(json.dumps([any("Dvora" in span.to_json() for span in one.get_finished_spans()) for one in (open_door, guarded)]))
"""


def test_a_surface_is_one_function(tree: Path):
    """The page's surface is in the audit's list; what it plants leaves without guards and doesn't with them."""
    [code] = blocks("add-a-surface.md", "python")
    file = package(tree) / "audit" / "plant" / "spans.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n\n{code}", encoding="utf-8")
    assert run(tree, SURFACES) == [True, False]


FORMATTED = """
import json
import sys
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

name = "Dvora Levinson"
made = judge(str.join(" ", ("no slot for", name, "today")), Running(sys._getframe()))
print(json.dumps(made.text))
"""


def test_another_form_leaves_as_its_template(tree: Path):
    """The page's case lets a text leave as its template that no form had before, and nothing of a value."""
    before = run(tree, FORMATTED)
    assert before is None
    [code] = blocks("add-a-form-of-text.md", "python")
    first = '        case ast.Call(func=ast.Attribute(value=receiver, attr="format" | "format_map")):\n'
    file = package(tree) / "redact" / "provenance" / "composition.py"
    change(file, (first, textwrap.indent(code, "        ") + first))
    after = run(tree, FORMATTED)
    assert after == "no slot for {name} today"


RENAMED = """
import json
import opentelemetry.instrumentation.fastapi as library
library.Middleware = vars(library).pop("OpenTelemetryMiddleware")
from pazpaz_otel import patches
[state] = [state for state in patches.verify() if state.patch.name == "fastapi.middleware"]
print(json.dumps([state.state, str(state)]))
"""


def test_a_renamed_private_is_followed_by_its_row(tree: Path):
    """A target that moved is named; with the row's target changed, as the page says, it is there."""
    library = "opentelemetry.instrumentation.fastapi"
    target = f"{library}:OpenTelemetryMiddleware"
    state, line = run(tree, RENAMED)
    assert state == "moved"
    assert line.startswith(f"{target} (opentelemetry-instrumentation-fastapi ")
    change(package(tree) / "patches" / "library_rows.py", ('"fastapi:OpenTelemetryMiddleware"', '"fastapi:Middleware"'))
    state, _ = run(tree, RENAMED)
    assert state == "there"
