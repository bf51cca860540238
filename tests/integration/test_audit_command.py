"""`pazpaz-otel audit`, as the developer of an application runs it."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel.audit.dossier import write
from pazpaz_otel.settings import inherited
from tests.integration.doctor import commanded
from tests.programs import free_port

pytestmark = [pytest.mark.slow, pytest.mark.long]

APPS = Path(__file__).parent / "apps"
LET_IN = ("--header", "Authorization: Bearer let-me-in")
SERVE = "import sys, uvicorn; uvicorn.run(sys.argv[1], port=int(sys.argv[2]), log_config=None, app_dir='.')"


def _audit(folder: Path, app: str, *arguments: str, command: bool = True, **settings: str) -> tuple[int, Any, str]:
    """Audit `apps/<app>.py`: by a command of its own, whose server writes no lines, or by --app."""
    name = f"{app}:app"
    (folder / f"{app}.py").write_text((APPS / f"{app}.py").read_text(encoding="utf-8"), encoding="utf-8")
    call = ["audit", "--json", "--seed", "4", *arguments]
    if command:
        port = str(free_port())
        start = [
            str(Path(sys.executable).with_name("opentelemetry-instrument")),
            sys.executable,
            "-c",
            SERVE,
            name,
            port,
        ]
        call += ["--app", name, "--url", f"http://127.0.0.1:{port}", "--", *start]
    else:
        call += ["--app", name]
    code, said, errors = commanded(folder, settings, *call)
    return code, json.loads(said) if said else None, errors


def _planted(report: Any, found: str) -> set[str]:
    return {leak["planted"] for leak in report["leaks"] if leak["found"] == found}


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Any, Path]:
    """An audit of a guarded application that lets it in, and the folder with its report as `out.json`."""
    folder = tmp_path_factory.mktemp("intake")
    code, report, _ = _audit(folder, "intake", *LET_IN, "--report", "out.json")
    return code, report, folder


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Any]:
    """An audit of an application with others mounted, forms, and metrics of its own."""
    return _audit(tmp_path_factory.mktemp("mounted"), "mounted")[:2]


def test_a_guarded_application_is_clean(intake: tuple[int, Any, Path]) -> None:
    """Required fields that nobody told the audit of are filled, whatever their form: all handlers run."""
    code, report, _ = intake
    assert report["leaks"] == []
    assert report["unreached"] == []
    assert code == 0
    answers = {row["route"]: row["statuses"] for row in report["routes"]}
    assert "201" in answers["POST /intakes"]
    assert "422" not in answers["POST /intakes"]
    assert "500" in answers["GET /intakes/{intake_id}"]
    assert "200" in answers["POST /legacy/form"]
    assert ["span.name", "", "POST /intakes"] in report["kept"]
    assert report["missing"] == []


def test_a_leak_in_each_kind_of_handler_is_found(tmp_path: Path) -> None:
    """A body, a query, a header, a path, a form and a WebSocket, each printed by its own handler: all are found.

    Where no schema says what a handler takes, recorded requests reach it, with a planted text in each of theirs.
    """
    lines = [{"method": "POST", "path": "/hidden", "headers": {"X-Key": "k"}, "body": {"who": "somebody"}}]
    (tmp_path / "traffic.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, report, _ = _audit(tmp_path, "printing", "--traffic", "traffic.jsonl")
    assert code == 1
    expected = {"app.body", "app.query", "app.header", "app.path", "app.websocket", "app.cookie", "app.traffic"}
    assert expected <= _planted(report, "stdout")


LEAKS = {
    "sync": ("POST /sync", ""),
    "async": ("POST /async", ""),
    "background": ("POST /background", "GET /innocent"),
    "stream": ("GET /stream", ""),
    "dependency": ("GET /dependency", ""),
    "middleware": ("GET /middleware", ""),
    "exception": ("GET /exception", ""),
    "mounted": ("POST /laboratory/orders", ""),
    "websocket": ("WS /socket", ""),
    "start": ("POST /sync", "at the next start"),
}
"""For each kind of handler that prints a text: the route that was given it, and when it left, if not with it."""


def test_a_leak_names_the_route_whose_request_carried_it(tmp_path: Path) -> None:
    """However late a text is written, by a task in the background or at the next start, its own route is named."""
    code, report, _ = _audit(tmp_path, "handlers")
    assert (code, report["unreached"], report["failures"]) == (1, [], [])
    leaks = [leak for leak in report["leaks"] if leak["found"] == "stdout"]
    for kind, (route, when) in LEAKS.items():
        of_kind = [leak for leak in leaks if leak["line"].startswith(f"{kind} ")]
        assert {(leak["route"], leak["when"]) for leak in of_kind} == {(route, when)}, kind
    assert "GET /innocent" not in {leak["route"] for leak in leaks}


def test_the_server_s_own_lines_are_audited_as_they_are(tmp_path: Path) -> None:
    """With --app the application runs under uvicorn with its own handlers, which nothing guards unless asked to."""
    code, report, _ = _audit(tmp_path, "unfound", command=False)
    assert code == 1
    assert {leak["found"] for leak in report["leaks"]} <= {"stdout", "stderr"}
    assert "app.query" in _planted(report, "stdout")


def test_one_setting_guards_the_server_s_own_lines(tmp_path: Path) -> None:
    """With PAZPAZ_OTEL_GUARD_OUTPUT the same server, with the same handlers, writes nothing that was planted."""
    _, report, _ = _audit(tmp_path, "unfound", command=False, PAZPAZ_OTEL_GUARD_OUTPUT="true")
    assert report["leaks"] == []
    assert report["received"]["stdout"] > 1000
    assert report["received"]["stderr"] > 1000


def test_what_is_mounted_and_what_a_form_takes(mounted: tuple[int, Any]) -> None:
    """Handlers of a mounted application and behind forms run, wrapped or not; each leak has its route and its line."""
    code, report = mounted
    assert report["unreached"] == []
    assert code == 1
    answers = {row["route"]: row["statuses"] for row in report["routes"]}
    for route in ("POST /laboratory/orders", "POST /token", "POST /pictures", "POST /bookings"):
        assert "200" in answers[route], answers
    leaks = [leak for leak in report["leaks"] if leak["found"] == "stderr"]
    assert "POST /laboratory/orders" in {leak["route"] for leak in leaks}
    assert "laboratory took the order of ▒ with thanks" in {leak["line"] for leak in leaks}
    assert not [fact for fact in report["missing"] if "/health" in fact[-1] or "/metrics" in fact[-1]]


def test_the_application_s_own_metrics_are_read(mounted: tuple[int, Any]) -> None:
    """What the application serves from `prometheus_client`'s registry is searched, under the path it stands at."""
    _, report = mounted
    [found] = {leak["found"] for leak in report["leaks"] if leak["planted"] == "app.body"} - {"stderr"}
    assert found == "GET /metrics/"


PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
TOKEN: dict[str, Any] = json.loads(PAGE.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0])
"""The login that the documentation shows."""
LOG_IN = {path: {**TOKEN, "path": path} for path in ("/login", "/token")}


@pytest.mark.parametrize(
    ("path", "behind", "ends"),
    [("/login", "POST /session/notes", "POST /logout"), ("/token", "POST /token/notes", "POST /revoke")],
    ids=["session cookie", "bearer token"],
)
def test_an_application_behind_a_login_is_audited(tmp_path: Path, path: str, behind: str, ends: str) -> None:
    """Handlers behind a session's cookie, or a token, run, and their leaks are found, though one ends the session.

    Without what lets it in nothing is proven of a handler: the route is named.
    """
    (tmp_path / "login.jsonl").write_text(json.dumps(LOG_IN[path]))
    code, report, _ = _audit(tmp_path, "gated", "--login", "login.jsonl")
    answers = {row["route"]: row["statuses"] for row in report["routes"]}
    assert set(answers[behind]) == {"200"}
    assert "200" in answers[ends]
    assert behind in {leak["route"] for leak in report["leaks"]}
    assert code == 1
    other = next(route for route in ("POST /session/notes", "POST /token/notes") if route != behind)
    assert other in report["unreached"]
    assert f"POST {path}" not in report["unreached"]


def test_a_login_that_is_refused(tmp_path: Path) -> None:
    """A login whose account isn't there is one line, with exit code 2, after any about a slow start."""
    (tmp_path / "login.jsonl").write_text(json.dumps({**LOG_IN["/login"], "body": "username=nobody&password=x"}))
    code, report, stderr = _audit(tmp_path, "gated", "--login", "login.jsonl")
    assert (code, report) == (2, None)
    refusal = "pazpaz-otel audit: the login's POST /login was answered 401: is the account there?"
    assert [line for line in stderr.splitlines() if not line.startswith("waiting for")] == [refusal]


POLICY = """
version: 1
extends: default
attributes: {chair: {enum: [left, right]}}
metrics:
  bookings.made: {type: counter, attributes: [chair]}
  rooms.aired: {type: counter, attributes: [chair]}
"""


def test_a_metric_that_overflows_is_named(tmp_path: Path) -> None:
    """A declared metric that is given an attribute beyond its declaration is named; one that isn't, is not."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    _, report, _ = _audit(tmp_path, "metered", "--policy", "policy.yaml")
    assert report["overflowed"] == ["bookings.made"]


def _refused(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an audit that can't be made, and see exit code 2."""
    call = [str(Path(sys.executable).with_name("pazpaz-otel")), "audit", *arguments]
    done = subprocess.run(call, cwd=folder, env=inherited(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    return done


def test_an_attribute_that_is_not_there(tmp_path: Path) -> None:
    """A name that the module doesn't have is one line, with the applications that it has."""
    (tmp_path / "wrong.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n")
    done = _refused(tmp_path, "--app", "wrong:ap")
    assert done.stderr == "pazpaz-otel audit: wrong has no ap; app is there\n"


def test_a_route_that_finds_nothing_was_never_run(tmp_path: Path) -> None:
    """A handler that only said "not found" is unproven, so the exit code is 2; one that always raises did run."""
    code, report, _ = _audit(tmp_path, "unfound")
    assert code == 2
    assert report["leaks"] == []
    assert report["unreached"] == ["GET /clients/{client}/letters"]


def test_a_wsgi_application_is_told_the_way(tmp_path: Path) -> None:
    """An application that no ASGI server can run is refused with the arguments to use instead."""
    (tmp_path / "desk.py").write_text("def app(environ, start_response):\n    return []\n")
    assert (
        "desk:app is a WSGI application: name what starts it after --" in _refused(tmp_path, "--app", "desk:app").stderr
    )


@pytest.mark.parametrize(
    ("app", "told"),
    [
        ("clinic:app", "clinic raises ModuleNotFoundError: No module named 'nothing_of_that_name' (clinic.py, line 1)"),
        ("clinik:app", "there is no module clinik here; did you mean clinic?"),
    ],
)
def test_an_application_that_cannot_be_imported(tmp_path: Path, app: str, told: str) -> None:
    """Where there is nothing to audit, exit code 2 and the reason in one line."""
    (tmp_path / "clinic.py").write_text("import nothing_of_that_name\n")
    done = _refused(tmp_path, "--app", app)
    assert (done.stdout, done.stderr) == ("", f"pazpaz-otel audit: {told}\n")


def test_a_command_that_ends_is_no_clean_bill(tmp_path: Path) -> None:
    """A command that doesn't serve gives exit code 2 and its last lines."""
    (tmp_path / "desk.py").write_text("raise SystemExit('the settings are missing')\n")
    command = [sys.executable, "desk.py"]
    done = _refused(tmp_path, "--url", f"http://127.0.0.1:{free_port()}", "--", *command)
    assert "the settings are missing" in done.stderr


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux has /proc")
def test_a_url_with_another_port_than_the_applications(tmp_path: Path) -> None:
    """While nothing answers, a line says where the audit waits, and on which port the application listens instead."""
    named, real = free_port(), free_port()
    serve = [sys.executable, "-m", "http.server", str(real), "--bind", "127.0.0.1"]
    call = [str(Path(sys.executable).with_name("pazpaz-otel")), "audit", "--url", f"http://127.0.0.1:{named}", "--"]
    with subprocess.Popen([*call, *serve], cwd=tmp_path, env=inherited(), stderr=subprocess.PIPE, text=True) as audit:
        assert audit.stderr is not None
        line = audit.stderr.readline()
        audit.send_signal(signal.SIGINT)
        audit.communicate(timeout=120)
    assert line.startswith(f"waiting for the application to answer on port {named}")
    assert f"it listens on {real}: does --url name another port?" in line


def test_the_report_can_be_filed(intake: tuple[int, Any, Path]) -> None:
    """The JSON report's checksum is of its own data; the HTML one loads nothing and names no folder."""
    _, told, folder = intake
    filed = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    data = {name: value for name, value in filed.items() if name != "sha256"}
    checksum = hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    assert checksum == filed["sha256"]
    assert filed["control"]["leaks"] > 1000
    assert filed["routes"] == told["routes"]
    assert {row["reason"] for row in filed["held_back"]} >= {"unlisted_key"}
    write(filed, str(folder / "out.html"))
    page = (folder / "out.html").read_text(encoding="utf-8")
    assert "No leak" in page
    assert "POST /intakes" in page
    assert "The same search found" in page
    assert not any(text in page for text in ("src=", "href=", "@import", "url(", str(folder)))
