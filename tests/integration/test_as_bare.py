"""A program prints and ends under the distribution as it does without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import FAST, INSTRUMENT, log_records, spans

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

PROGRAMS = {
    "last resort": """
import logging
log = logging.getLogger("app")
log.warning("late")
log.info("unseen")
""",
    "implicit configuration": """
import logging
logging.warning("first")
logging.getLogger("app").error("second")
logging.basicConfig(level=logging.DEBUG)
logging.info("no longer configured")
""",
    "configuration": """
import logging
logging.basicConfig(level=logging.INFO)
logging.getLogger("app").info("seen")
logging.root.handlers.clear()
logging.getLogger("app").warning("last resort")
""",
    "configuration by what there is": """
import logging, sys
root = logging.getLogger()
if not root.handlers and not root.hasHandlers():
    root.addHandler(logging.StreamHandler(sys.stdout))
logging.getLogger("app").warning("to stdout")
""",
    "a library's null handler": """
import logging
logging.getLogger("library").addHandler(logging.NullHandler())
logging.getLogger("library.part").warning("quiet")
""",
    "no last resort": """
import logging
logging.lastResort = None
logging.getLogger("app").warning("nowhere")
""",
    "a last resort of its own": """
import logging, sys
logging.lastResort = logging.StreamHandler(sys.stdout)
logging.getLogger("app").warning("to %s", "stdout")
""",
    "a last resort with a format": """
import logging
logging.lastResort.setFormatter(logging.Formatter("%(levelname)s in %(name)s, line %(lineno)d: %(message)s"))
logging.getLogger("app").warning("late")
""",
    "handlers removed from the last on": """
import logging
logging.basicConfig()
removed = 0
while logging.root.handlers and removed < 9:
    logging.root.removeHandler(logging.root.handlers[-1])
    removed += 1
logging.getLogger("app").warning("last resort" if removed < 9 else "endless")
""",
    "its handler taken off the list": """
import logging
logging.basicConfig()
logging.root.handlers.pop(0)
logging.getLogger("app").warning("last resort")
""",
    "a handler that looks for the logging statement": """
import logging, sys

class Looking(logging.Handler):
    def emit(self, record):
        frame = sys._getframe().f_back
        while frame.f_code.co_filename == logging.__file__:
            frame = frame.f_back
        print(frame.f_globals["__name__"], frame.f_code.co_name, record.getMessage())

def work():
    logging.getLogger("app").warning("worked")

logging.basicConfig(handlers=[Looking()], force=True)
work()
""",
    "warnings of what isn't closed": """
import logging, sys, warnings, weakref
warnings.simplefilter("always", ResourceWarning)
logging.basicConfig(stream=sys.stdout)
logging.getLogger("app").warning("seen")
weakref.finalize(logging.root, print, "finalized")
""",
    "the attributes of an exception": """
import json, logging
from opentelemetry import trace

class Conflict(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code

logging.basicConfig()
for error in (Conflict(3), ValueError("no slot")):
    try:
        with trace.get_tracer("app").start_as_current_span("book"):
            raise error
    except Exception as caught:
        logging.getLogger("app").exception("not booked")
        print(json.dumps(vars(caught)), vars(caught) == vars(type(error)(3)))
""",
    "records that compare": """
import logging

class Record(logging.LogRecord):
    def __eq__(self, other):
        return vars(self) == vars(other)

class Same(logging.LogRecord):
    def __eq__(self, other):
        return self.msg == other.msg

    def __hash__(self):
        return hash(self.msg)

logging.basicConfig()
kept = []
for factory in (Record, Same):
    logging.setLogRecordFactory(factory)
    for _ in range(2):
        kept.append(logging.getLogger("app").makeRecord("app", 30, "", 1, "again", (), None))
        logging.getLogger("app").handle(kept[-1])
""",
}

UNCONFIGURED = """
import logging, sys
name = sys.argv[1]
log = logging.getLogger("app")
log.warning("first note for %s", name)
try:
    raise ValueError(f"no slot for {name}")
except ValueError:
    log.exception("not saved")
logging.warning("second note for %s", name)
log.error("third note for %s", name)
"""

WITHOUT_THE_GUARD = """
import pazpaz_otel
from pazpaz_otel import patches
install = patches.install
patches.install = lambda row, *rest, **named: row != "logging.last_resort" and install(row, *rest, **named)
pazpaz_otel.configure()
"""

ASKED = """
import json, logging, sys

asked = 0

class Record:
    def __repr__(self):
        global asked
        asked += 1
        return "a record"

class Late(ValueError):
    def __str__(self):
        return f"late for {self.args[0]!r}"

logging.basicConfig(stream=sys.stderr)
log = logging.getLogger("app")

def failing(error):
    try:
        raise error
    except Exception:
        log.exception("not saved, and nobody knows why")

def telling(error):
    try:
        raise error
    except Exception as caught:
        log.error(f"not saved: {caught}")

def quoting(error):
    try:
        raise error
    except Exception as caught:
        log.error("not saved: %s, %r", caught, 1)

def chained(error):
    try:
        try:
            raise error
        except Exception:
            raise RuntimeError("not saved")
    except Exception:
        log.exception("not saved, and nobody knows why")

found = {}
for way in (failing, telling, quoting, chained):
    for kind, make in {
        "plain": lambda: ValueError(Record()),
        "key": lambda: KeyError(Record()),
        "several": lambda: ValueError(Record(), 1),
        "nested": lambda: ValueError([Record()]),
        "own": lambda: Late(Record()),
        "member": lambda: ExceptionGroup("two failed", [ValueError(Record()), ValueError("other")]),
    }.items():
        asked = 0
        way(make())
        found[f"{way.__name__} {kind}"] = asked
asked = 0
log.error(Record())
print(json.dumps(found | {"logged itself": asked}))
"""


CLASS_OF_DATA = """
import logging, sys, threading
name, main = sys.argv[1], threading.main_thread()
def fail():
    made = globals()[name] = type(name, (ValueError,), {"__module__": "__main__"})
    try:
        raise made()
    except ValueError:
        logging.getLogger("app").exception("not saved")
def fail_later():
    main.join()
    fail()
"""
AFTER_MAIN = """
import atexit, logging, threading
log = logging.getLogger("app")
main = threading.main_thread()

def work():
    main.join()
    log.warning("working on")

def leave():
    log.warning("leaving")

threading.Thread(target=work).start()
atexit.register(leave)
"""

POOL = """
import logging, multiprocessing, sys
from opentelemetry import trace

def work(number):
    with trace.get_tracer("app").start_as_current_span("work"):
        logging.getLogger("app").warning("worked")
        return number

if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        print(pool.map(work, range(3)))
        pool.close()
        pool.join()
"""


def _run(program: Path, sink: HttpSink, *command: str, arguments: tuple[str, ...] = ()) -> tuple[int, str, str]:
    done = subprocess.run(
        [*command, sys.executable, str(program), *arguments],
        env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_what_python_prints_of_a_program_that_configures_nothing_is_guarded(
    tmp_path: Path, otlp_http_sink: HttpSink
) -> None:
    """By the last resort and by `logging.warning`'s own handler: the templates, not what was filled in."""
    program = tmp_path / "program.py"
    program.write_text(UNCONFIGURED)

    code, _, errors = _run(program, otlp_http_sink, *INSTRUMENT, arguments=("Dvora",))
    assert code == 0
    assert "Dvora" not in errors
    lines = errors.splitlines()
    assert lines[:2] == ["first note for %s", "not saved"]
    assert "ValueError: no slot for {name}" in lines
    assert lines[-2:] == ["WARNING:root:second note for %s", "ERROR:app:third note for %s"]


@pytest.mark.slow
def test_the_last_resort_without_its_guard_is_missed(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """A mutant that leaves out the row of the table prints what was filled in."""
    program = tmp_path / "program.py"
    program.write_text(WITHOUT_THE_GUARD + UNCONFIGURED)
    assert "first note for Dvora" in _run(program, otlp_http_sink, arguments=("Dvora",))[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_prints_what_it_prints_without(tmp_path: Path, otlp_http_sink: HttpSink, name: str) -> None:
    """Its output, its errors and its status are the same, and its log records arrive."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[name])

    assert _run(program, otlp_http_sink, *INSTRUMENT) == _run(program, otlp_http_sink)
    assert log_records(otlp_http_sink)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_the_processes_of_a_pool_have_everything(tmp_path: Path, otlp_http_sink: HttpSink, method: str) -> None:
    """Also those that Python's server for forks forks. They run the program's file again, in a namespace of its own."""
    program = tmp_path / "program.py"
    program.write_text(POOL)

    code, printed, errors = _run(program, otlp_http_sink, *INSTRUMENT, arguments=(method,))
    assert (code, printed, errors.splitlines()) == (0, "[0, 1, 2]\n", ["worked"] * 3)
    assert [span.name for span in spans(otlp_http_sink)] == ["work"] * 3
    assert [record.body.string_value for record in log_records(otlp_http_sink)] == ["worked"] * 3


@pytest.mark.slow
def test_pythons_tracker_of_resources_loads_nothing(otlp_http_sink: HttpSink) -> None:
    """Every program with a pool has one, and it runs none of the application's code."""
    reading, writing = os.pipe()
    os.close(writing)
    command = f"from multiprocessing.resource_tracker import main;main({reading})"

    def loaded(*options: str) -> str:
        return subprocess.run(
            [*INSTRUMENT, sys.executable, *options, "-c", command],
            env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint},
            pass_fds=[reading],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stderr

    assert not loaded()
    modules = loaded("-X", "importtime")
    os.close(reading)
    assert " pazpaz_otel.fail_closed\n" in modules
    assert not [name for name in ("opentelemetry.sdk", "google.protobuf", "yaml") if f" {name}\n" in modules]


@pytest.mark.slow
def test_a_handler_finds_the_logging_statement_beside_sentry(
    tmp_path: Path, otlp_http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors become events without a frame of theirs between statement and handler."""
    monkeypatch.setitem(FAST, "SENTRY_DSN", otlp_http_sink.dsn)
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS["a handler that looks for the logging statement"])

    _, printed, _ = _run(program, otlp_http_sink, *INSTRUMENT)
    assert printed == "__main__ work worked\n"


@pytest.mark.slow
def test_a_program_proves_its_lines_after_its_last_statement(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """By a thread that works on, and by an exit handler: Python has removed the program's `__file__` by then."""
    program = tmp_path / "program.py"
    program.write_text(AFTER_MAIN)

    _, _, errors = _run(program, otlp_http_sink, *INSTRUMENT)
    assert errors.splitlines() == ["working on", "leaving"]
    assert [record.body.string_value for record in log_records(otlp_http_sink)] == ["working on", "leaving"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["after the last statement", "without a file", "from the standard input"])
def test_a_class_that_a_program_makes_from_data_has_no_name(tmp_path: Path, otlp_http_sink: HttpSink, how: str) -> None:
    """Whatever has become of the program's file, or if it never had one."""
    program = tmp_path / "program.py"
    is_late = how == "after the last statement"
    text = CLASS_OF_DATA + ("threading.Thread(target=fail_later).start()" if is_late else "fail()")
    program.write_text(text)
    source = {"without a file": ("-c", text), "from the standard input": ("-",)}.get(how, (str(program),))

    done = subprocess.run(
        [*INSTRUMENT, sys.executable, *source, "Dvora"],
        env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    sent = log_records(otlp_http_sink)
    assert len(sent) == 1
    assert "Dvora" not in str(sent)
    assert "Dvora" not in done.stderr


@pytest.mark.slow
def test_what_is_logged_is_asked_for_its_text_once_more_at_most(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """A `__repr__` is the application's code: it may be slow, or do something."""
    program = tmp_path / "program.py"
    program.write_text(ASKED)
    bare, ours = (json.loads(_run(program, otlp_http_sink, *way)[1]) for way in ((), INSTRUMENT))
    more = {what: (count, bare[what]) for what, count in ours.items() if count > bare[what] + 1}
    assert len(bare) == len(ours) > 0
    assert more == {}
