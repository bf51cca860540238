"""A library that is installed without its instrumentation is named wherever the application runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.diagnosis.packages import install_command
from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("imports", [True, False])
def test_a_library_is_named_when_it_is_imported(tmp_path: Path, imports: bool) -> None:
    """Away from a terminal and with an endpoint, one line names the package, if the application uses the library."""
    library = tmp_path / "celery"
    library.mkdir()
    (library / "__init__.py").write_text("")
    program = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(tmp_path)}
    none = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    done = subprocess.run(
        [program, sys.executable, "-c", "import celery" if imports else ""],
        env=inherited(environment | none),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    line = f"celery not traced: {install_command('opentelemetry-instrumentation-celery')}=="
    assert done.stderr.count(line) == int(imports)


def test_run_says_what_it_cannot_show(tmp_path: Path) -> None:
    """`run` doesn't promise the requests of a framework without its instrumentation, and the command follows once."""
    library = tmp_path / "celery"
    library.mkdir()
    (library / "__init__.py").write_text("")
    program = str(Path(sys.executable).with_name("pazpaz-otel"))
    done = subprocess.run(
        [program, "run", "--", sys.executable, "-c", "import celery"],
        env=inherited({"PYTHONPATH": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert re.search(r"Not shown, because its instrumentation isn't installed: [a-z, ]*\bcelery\b", done.stderr)
    assert done.stderr.count("opentelemetry-instrumentation-celery==") == 1
