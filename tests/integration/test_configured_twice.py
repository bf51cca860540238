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


def test_a_second_configure_with_other_settings_raises() -> None:
    """Who asks for another policy than the one that stands is told, not left with the first."""
    nowhere = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=inherited(nowhere), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "configure() was already called with other settings; call it once, at start"
