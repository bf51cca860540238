"""`PAZPAZ_OTEL_GUARD_OUTPUT`: one setting for every line that a process logs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow

APP = Path(__file__).parent / "apps" / "printer.py"
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


def _written(**settings: str) -> str:
    command = [
        str(Path(sys.executable).with_name("opentelemetry-instrument")),
        sys.executable,
        str(APP),
        "Dvora Mizrahi",
    ]
    environment = inherited({**NOWHERE, **settings, "NO_COLOR": "1"})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def guarded() -> str:
    """What the application writes when output is guarded."""
    return _written(PAZPAZ_OTEL_GUARD_OUTPUT="true")


def test_every_line_is_guarded_by_one_setting(guarded: str):
    """Handlers that the application configures itself, and structlog's default, write templates and no value."""
    assert "Dvora" not in guarded
    for line in ("INFO clinic note saved for %s", "WARNING clinic no slot for {NAME}", "ERROR clinic it failed"):
        assert line in guarded
    for event in ("note_saved", "reminder_sent", "note_opened", "note_closed"):
        assert event in guarded


def test_structlog_logs_as_it_does_without_a_guard(guarded: str):
    """Events of coroutines, which another thread writes, and those that a test captures of loggers that exist."""
    assert "note_awaited" in guarded
    assert "note_held" in guarded
    assert "captured note_captured\n" in guarded


def test_handlers_that_format_nothing_receive_guarded_records(guarded: str):
    """A handler that prints a record's message or fields, overrides `handle` or is patched prints templates."""
    for way in ("emitted", "handled", "monkey"):
        assert f"{way} note saved for %s" in guarded
    assert "INFO fields note kept <redacted> <redacted> <redacted>" in guarded


def test_sinks_of_loguru_receive_guarded_records(guarded: str):
    """Each kind of sink, added before or after, queued, serialised or passed to `logging`, writes templates."""
    assert "__main__:<module>" in guarded.partition(" - early note for {}")[0].splitlines()[-1]
    for way in ("plain INFO __main__ <module>", "made", "queued \x1b[31m", "standard"):
        assert f"{way.strip()} sheet for {{}}" in guarded.replace("[31msheet", "[31m sheet")
    assert "plain ERROR __main__ <module> sheet torn\nTraceback (most recent call last):\n" in guarded
    assert "plain ERROR __main__ <module> sheet lost" in guarded


def test_lines_that_logging_passes_to_loguru_keep_their_place_and_trace(guarded: str):
    """The handler of loguru's documentation writes what `logging` proved, its logger, function and stack trace."""
    assert "passed INFO clinic of_logging note saved for %s" in guarded
    assert "passed ERROR clinic of_logging it failed\nTraceback (most recent call last):\n" in guarded


def _placed(written: str, event: str = "note_placed") -> dict[str, Any]:
    [line] = [line for line in written.splitlines() if event in line]
    fields: dict[str, Any] = json.loads(line)
    return fields


@pytest.mark.parametrize("event", ["note_moved", "note formatted"])
def test_an_own_processor_changes_an_event_and_adds_no_data(guarded: str, event: str):
    """What it moves to a key of its source stays, and so does the time; no value, key or level of data."""
    placed = _placed(guarded, event)
    assert (placed["said"], placed["severity"]) == (event, "WARNING")
    assert placed["at"]
    assert {"client", "Dvora Mizrahi", "event"}.isdisjoint(placed)


def test_an_own_processor_adds_nothing_to_what_an_event_says(guarded: str):
    """The event keeps the text that was proven."""
    renamed = _placed(guarded, "note_renamed")
    assert renamed["event"] == "note_renamed"


def test_an_own_processor_s_key_that_data_picks_is_not_written(guarded: str):
    """Of a table, what it renames another field to is written, and nothing else."""
    assert _placed(guarded, "note_picked") == {"event": "note_picked", "severity": "warning", "visits": 7}


def test_an_own_processor_that_needs_what_is_held_back_breaks_nothing(guarded: str):
    """The line is written without what the processor would add."""
    assert _placed(guarded, "note_needed") == {"event": "note_needed"}


def test_names_of_structlog_s_own_make_nothing_structlog_s(guarded: str):
    """A processor or a field that is called as one of structlog's is the application's, and a time has six digits."""
    assert set(_placed(guarded, "note_numbered")) == {"event"}


def test_threads_log_at_once_by_a_new_logger(guarded: str):
    """A thread that logs while another makes the logger's guarded processors logs too."""
    assert '{"event": "note_racing"}' in guarded
    assert '{"event": "note_raced"}' in guarded


def test_what_structlog_says_of_the_place_has_no_names_of_data(guarded: str):
    """The function and file stay if source has them; names of thread and process, and the machine's folders, don't."""
    placed = _placed(guarded)
    assert (placed["qual_module"], placed["qual_name"]) == ("__main__", "of_structlog")
    assert (placed["module"], placed["filename"]) == ("printer", "printer.py")
    assert (placed["func_name"], placed["pathname"]) == ("of_structlog", "printer.py")
    assert (placed["thread_name"], placed["process_name"]) == ("", "")
    assert placed["stack"].endswith(", in of_structlog")
    assert str(APP.parent) not in placed["stack"]


def test_nothing_is_changed_without_it():
    """Unless it is asked for, an application's own lines are its own, and those of others name the caller."""
    written = _written()
    placed = _placed(written)
    assert (placed["func_name"], placed["thread_name"], placed["pathname"]) == (
        "of_structlog",
        "Dvora Mizrahi",
        str(APP),
    )
    assert written.count("Dvora Mizrahi") >= 8
    assert "__main__:<module>" in written.partition(" - early note for ")[0].splitlines()[-1]
