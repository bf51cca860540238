"""A package of OpenTelemetry that pip left at another version: nothing opens, and its name and the cure are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow

PATIENT = "Orit Zelkovich"
APPLICATION = """
import logging
import os
import structlog

patient = os.environ["PATIENT"]
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("desk")
log.info(f"opened {patient}")
log.warning("opened %s", patient)
try:
    raise ValueError(patient)
except ValueError:
    log.exception("failed")
structlog.get_logger().error("opened", client=patient)
print("served")
"""


def _run(shadow: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name(command[0]))
    environment = inherited({"PYTHONPATH": str(shadow), "PATIENT": PATIENT, **settings})
    return subprocess.run(
        [program, *command[1:]], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _shadow(folder: Path, name: str, version: str, *requires: str) -> Path:
    """Install another version of a package's metadata in front of the environment's."""
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    lines = [f"Requires-Dist: {requirement}\n" for requirement in requires]
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{''.join(lines)}")
    return folder


@pytest.fixture
def older_api(tmp_path: Path) -> Path:
    """An `opentelemetry-api` that lacks a name which the SDK imports."""
    module = tmp_path / "opentelemetry" / "attributes" / "__init__.py"
    module.parent.mkdir(parents=True)
    module.write_text("class BoundedAttributes(dict): pass\n")
    return _shadow(tmp_path, "opentelemetry-api", "1.44.0")


@pytest.mark.parametrize("setting", ["true", "ture"])
def test_guarded_output_stays_guarded_where_the_start_fails(older_api: Path, tmp_path: Path, setting: str) -> None:
    """With GUARD_OUTPUT, also misspelt, no line of the application leaves raw; one line names package and cure."""
    (tmp_path / "desk.py").write_text(APPLICATION)
    command = ("opentelemetry-instrument", sys.executable, str(tmp_path / "desk.py"))
    done = _run(older_api, *command, PAZPAZ_OTEL_GUARD_OUTPUT=setting)
    assert done.returncode == 0
    assert "served" in done.stdout
    assert PATIENT not in done.stdout + done.stderr
    assert "opened" not in done.stdout + done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("pazpaz-opentelemetry: "))
    assert line.startswith("pazpaz-opentelemetry: nothing is exported: ImportError: ")
    assert "opentelemetry-api 1.44.0 is installed, 1.45.1 is needed" in line
    assert "pip install opentelemetry-api==1.45.1" in line


@pytest.mark.parametrize("start", [("opentelemetry-instrument", sys.executable), ("python",)])
def test_an_application_that_counts_starts_nonetheless(older_api: Path, tmp_path: Path, start: tuple[str, ...]) -> None:
    """Instruments of a package that can't be imported do nothing, and STRICT alone lets the error through."""
    (tmp_path / "desk.py").write_text(
        "from pazpaz_otel import configure, counter, histogram, observe\n"
        "configure()\n"
        "counter('rooms.booked').add(1, {'clinic.room': 'blue'})\n"
        "histogram('waits').record(2)\n"
        "observe('rooms.free', lambda: 3)\n"
        "print('served')\n"
    )
    done = _run(older_api, *start, str(tmp_path / "desk.py"))
    assert (done.returncode, done.stdout) == (0, "served\n")
    assert done.stderr.count("pazpaz-opentelemetry: nothing is exported: ImportError: ") == 1
    assert _run(older_api, *start, str(tmp_path / "desk.py"), PAZPAZ_OTEL_STRICT="true").returncode == 1


def test_lines_are_left_alone_without_the_setting(older_api: Path, tmp_path: Path) -> None:
    """A failed start changes no line of an application that didn't ask for guarded output."""
    (tmp_path / "desk.py").write_text(APPLICATION)
    done = _run(older_api, "opentelemetry-instrument", sys.executable, str(tmp_path / "desk.py"))
    assert f"WARNING:desk:opened {PATIENT}" in done.stderr


@pytest.mark.parametrize("setting", ["PAZPAZ_OTEL_LEAN", "PAZPAZ_OTEL_SCRAPE_INTERVAL", "PAZPAZ_OTEL_GUARD_OUTPUT"])
def test_guarded_output_stays_guarded_where_a_setting_is_refused(tmp_path: Path, setting: str) -> None:
    """A setting that can't be read doesn't switch the guard of lines off."""
    (tmp_path / "desk.py").write_text(APPLICATION)
    command = ("opentelemetry-instrument", sys.executable, str(tmp_path / "desk.py"))
    done = _run(tmp_path, *command, **{"PAZPAZ_OTEL_GUARD_OUTPUT": "true", setting: "ture"})
    assert PATIENT not in done.stdout + done.stderr
    assert "WARNING:desk:opened %s" in done.stderr


def test_doctor_names_the_package_and_never_ends_in_a_traceback(older_api: Path) -> None:
    """The finding has the installed version, the pinned one, and the command."""
    done = _run(older_api, "pazpaz-otel", "doctor", "--no-send")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "opentelemetry-api 1.44.0 is installed, 1.45.1 is needed" in done.stdout
    assert "pip install opentelemetry-api==1.45.1" in done.stdout


@pytest.mark.parametrize(
    ("name", "version", "requires", "wanted"),
    [
        ("opentelemetry-instrumentation-flask", "0.65b0", ("opentelemetry-instrumentation==0.65b0",), "0.66b1"),
        ("opentelemetry-semantic-conventions", "0.65b0", (), "0.66b1"),
        ("opentelemetry-proto", "1.44.0", (), "1.45.1"),
    ],
)
def test_any_of_the_pinned_set_is_compared(
    tmp_path: Path, name: str, version: str, requires: tuple[str, ...], wanted: str
) -> None:
    """Packages that a pinned one pins, and instrumentations for another release, are named as well."""
    done = _run(_shadow(tmp_path, name, version, *requires), "pazpaz-otel", "doctor", "--no-send")
    assert f"{name} {version} is installed, {wanted} is needed" in " ".join(done.stdout.split())
    assert f"pip install {name}=={wanted}" in " ".join(done.stdout.split())
