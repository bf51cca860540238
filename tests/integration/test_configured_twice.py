"""`configure()` once more: the same does nothing, another is refused."""

from __future__ import annotations

import subprocess
import sys

from pazpaz_otel.settings import inherited

PROGRAM = """
import pazpaz_otel
from pazpaz_otel.errors import SettingsError
from pazpaz_otel.settings import Settings
pazpaz_otel.configure()
pazpaz_otel.configure()
try:
    pazpaz_otel.configure(Settings.from_env({"PAZPAZ_OTEL_POLICY": "pazpaz"}))
except SettingsError as error:
    print(error)
"""

THREADS = """
import threading
import pazpaz_otel
from pazpaz_otel.errors import SettingsError
from pazpaz_otel.settings import Settings
together = threading.Barrier(4)
def start(policy):
    together.wait()
    try:
        pazpaz_otel.configure(Settings.from_env({"PAZPAZ_OTEL_POLICY": policy}))
    except SettingsError as error:
        print(str(error) + "\\n", end="")
threads = [threading.Thread(target=start, args=(policy,)) for policy in ("default", "pazpaz") * 2]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
REFUSAL = "configure() was already called with other settings; call it once, at start"


def _run(program: str) -> subprocess.CompletedProcess[str]:
    nowhere = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    return subprocess.run(
        [sys.executable, "-c", program], env=inherited(nowhere), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_second_configure_with_other_settings_raises() -> None:
    """Who asks for another policy than the one that stands is told, not left with the first."""
    done = _run(PROGRAM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == REFUSAL


def test_threads_that_configure_at_once_start_it_once() -> None:
    """The first thread decides: the one that agrees does nothing more, and those with other settings are told."""
    done = _run(THREADS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [REFUSAL] * 2
    assert "Overriding of current" not in done.stderr
