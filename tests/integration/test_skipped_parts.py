"""A part of the SDK that the environment names and that fails is said in one line, and a strict start is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import tool

if TYPE_CHECKING:
    from pathlib import Path

PART = """
class Failing:
    def __init__(self, *_, **__):
        raise RuntimeError("no such part\\nhere")

class Detecting:
    raise_on_error = False
    def is_process_dependent(self):
        return False
    def detect(self):
        raise OSError("no metadata\\nhere")

class Instrumenting:
    def instrument(self, **_):
        raise RuntimeError("can't instrument")

class Importing:
    def instrument(self, **_):
        raise ImportError("cannot import name x")
"""
SAMPLER, DETECTORS = "OTEL_TRACES_SAMPLER", "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS"
NOTHING = "an instrumentation could not be started: "
CASES = [
    ("traces_sampler", SAMPLER, "part:Failing", f"{SAMPLER}: the default is used: RuntimeError: no such part here"),
    ("traces_sampler", SAMPLER, "broken:Any", f"{SAMPLER}: the default is used: ImportError: broken"),
    ("resource_detector", DETECTORS, "part:Failing", f"{DETECTORS}: one is skipped: RuntimeError: no such part here"),
    ("resource_detector", DETECTORS, "part:Detecting", f"{DETECTORS}: one is skipped: OSError: no metadata here"),
    ("resource_detector", DETECTORS, "broken:Any", f"{DETECTORS}: one is skipped: ImportError: broken"),
    ("meter_provider", "OTEL_PYTHON_METER_PROVIDER", "part:Failing", "RuntimeError: no such part here"),
    ("id_generator", "OTEL_PYTHON_ID_GENERATOR", "broken:Any", "ImportError: broken"),
    ("instrumentor", "UNUSED", "part:Instrumenting", f"{NOTHING}RuntimeError: can't instrument"),
    ("instrumentor", "UNUSED", "part:Importing", f"{NOTHING}ImportError: cannot import name x"),
    ("instrumentor", "UNUSED", "broken:Any", f"{NOTHING}ImportError: broken"),
]
NAMES = [f"{group} {value}" for group, _, value, _ in CASES]


def _environment(folder: Path, group: str, variable: str, value: str, *, strict: bool) -> dict[str, str]:
    (folder / "part.py").write_text(PART)
    (folder / "broken.py").write_text('raise ImportError("broken")')
    metadata = folder / "part-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: part\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[opentelemetry_{group}]\nmine = {value}\n")
    exporters = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("METRICS", "LOGS")}
    # With an endpoint, the start isn't announced; the console's exporter asks for the meter provider.
    exporters |= {"OTEL_TRACES_EXPORTER": "console", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    own = {
        "PYTHONPATH": str(folder),
        variable: "mine",
        "PAZPAZ_OTEL_STRICT": str(strict).lower(),
        "OTEL_SERVICE_NAME": "clinic",
    }
    return inherited({**exporters, **own})


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_a_part_that_fails_is_one_line(tmp_path: Path, case: tuple[str, str, str, str], *, strict: bool) -> None:
    """The application runs without the part, unless the start is strict."""
    *part, reason = case
    done = subprocess.run(
        [tool("opentelemetry-instrument"), sys.executable, "-c", "print('ran')"],
        env=_environment(tmp_path, *part, strict=strict),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    [line] = done.stderr.splitlines()
    assert line.startswith("pazpaz-opentelemetry: ")
    assert line.endswith(reason)
    assert (done.returncode, done.stdout) == ((1, "") if strict else (0, "ran\n"))
