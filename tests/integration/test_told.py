"""What the audit and the doctor say of an application: nothing that stands in its data, at a terminal or in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pazpaz_otel.audit.dossier import page
from tests.integration.doctor import commanded
from tests.programs import free_port

pytestmark = pytest.mark.slow

APP = Path(__file__).parent / "apps" / "told.py"
COMMANDS = Path(sys.executable).parent
ROWS = {
    "printed": "Zippora",
    "phone": "54-123-4567",
    "answered": "Yocheved",
    "attribute": "Bilhah",
    "route": "Zilpah",
    "handler": "OfNaamah",
    "module": "Serach",
    "logger": "Tirzah",
    "metric": "Mahlah",
    "label": "Hoglah",
    "class": "Zelophehad",
    "raised": "Machir",
    "recorded": "Achsah",
    "password": "hunter2secret",
}


def _told(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run a command of ours on the application, and return its exit code and all that it said."""
    (folder / "told.py").write_text(APP.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "rows.json").write_text(json.dumps(ROWS), encoding="utf-8")
    code, said, errors = commanded(folder, settings, *arguments)
    return code, said + errors


def _of_its_data(told: str) -> set[str]:
    return {name for name, value in ROWS.items() if value.lower() in told.lower()}


@pytest.mark.parametrize("kind", [(), ("--json",)], ids=["text", "json"])
def test_the_doctor_says_no_name_that_data_made(tmp_path: Path, kind: tuple[str, ...]) -> None:
    """Handlers, loggers and metrics are named as far as the source does, and what has no name there is counted."""
    code, told = _told(tmp_path, "doctor", "--no-send", "--app", "told:app", *kind, ROUTES="of rows")
    assert code == 1
    assert _of_its_data(told) == set()
    assert "logging.StreamHandler of logger clinic.…" in told
    assert "of prometheus_client, not sent, because the source doesn't have their names: 1" in " ".join(told.split())
    assert "of logger uvicorn.access" in told
    assert "sent without their path, because the application's source doesn't have all of its words: 1" in " ".join(
        told.split()
    )


@pytest.mark.parametrize(
    ("app", "ends", "reason"),
    [
        ("told:nothing", "", "told has no nothing; app is there"),
        ("told:app", "raises", "told raises ValueError: no room for … (told.py, line"),
        ("told:app", "exits", "told raises SystemExit: no room for … (told.py, line"),
    ],
)
@pytest.mark.parametrize("command", [("doctor", "--no-send"), ("audit",)], ids=["doctor", "audit"])
def test_an_application_that_is_not_there_is_told_in_the_words_of_its_source(
    tmp_path: Path, command: tuple[str, ...], app: str, ends: str, reason: str
) -> None:
    """An import that raises or exits quotes what the application read, and so do names that it gave at run time."""
    code, told = _told(tmp_path, *command, "--app", app, ENDS=ends)
    assert code in {1, 2}
    assert _of_its_data(told) == set()
    assert reason in " ".join(told.split())


def test_the_doctor_repeats_nothing_that_an_application_printed(tmp_path: Path) -> None:
    """What a process printed before it ended is told in the source's words."""
    _, told = _told(tmp_path, "doctor", "--no-send", "--app", "told:app", ENDS="at once")
    assert "it ended with 3: the last was …" in told
    assert _of_its_data(told) == set()


def test_the_audit_repeats_nothing_of_a_start_that_failed(tmp_path: Path) -> None:
    """An application that raises as it starts is told by where it raised, and in its source's words."""
    code, told = _told(tmp_path, "audit", "--app", "told:app", ENDS="served")
    assert code == 2
    assert _of_its_data(told) == set()
    assert "ValueError: no beds for …" in told
    assert "started by itself" in told


@pytest.mark.long
def test_the_report_holds_nothing_of_the_application_s_data(tmp_path: Path) -> None:
    """Recorded paths, lines of its output, its command's words and what it printed are in no report."""
    port = str(free_port())
    recorded = {"method": "POST", "path": f"/people/{ROWS['recorded']}/notes", "body": {"note": "x"}}
    (tmp_path / "traffic.jsonl").write_text(json.dumps(recorded))
    start = [str(COMMANDS / "opentelemetry-instrument"), "env", f"PASS={ROWS['password']}", str(COMMANDS / "uvicorn")]
    call = ["audit", "--traffic", "traffic.jsonl", "--report", "audit.json", "--url", f"http://127.0.0.1:{port}"]
    code, told = _told(tmp_path, *call, "--", *start, "told:app", "--port", port)
    filed = (tmp_path / "audit.json").read_text(encoding="utf-8")
    assert code == 1
    for text in (told, filed, page(json.loads(filed))):
        assert _of_its_data(text) == set()
        assert "POST /people/…/notes" in text


@pytest.mark.long
def test_what_was_printed_where_nothing_arrived_is_in_no_file(tmp_path: Path) -> None:
    """Without telemetry the terminal shows the last lines of the application, without secrets; no report has them."""
    port = str(free_port())
    start = [str(COMMANDS / "uvicorn"), "told:app", "--port", port]
    call = ["audit", "--json", "--app", "told:app", "--report", "audit.json", "--url", f"http://127.0.0.1:{port}"]
    code, told = _told(tmp_path, *call, "--", *start)
    assert code in {1, 2}
    assert _of_its_data(told) | _of_its_data((tmp_path / "audit.json").read_text(encoding="utf-8")) == set()
