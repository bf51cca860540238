"""Alertmanager's configuration before amtool and Alertmanager itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.programs import amtool_binary

CONFIG = Path(__file__).parents[2] / "monitoring" / "alertmanager" / "alertmanager.yml"

pytestmark = pytest.mark.stack


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run amtool."""
    return subprocess.run([str(amtool_binary()), *arguments], capture_output=True, text=True, check=False)


def test_it_is_valid() -> None:
    """The tool amtool finds nothing wrong with the configuration and its templates."""
    done = amtool("check-config", str(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 receivers" in done.stdout
    assert "1 templates" in done.stdout


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=none"], "dead-mans-switch"),
        (["alertname=DatabaseDown", "severity=critical", "environment=production"], "critical"),
        (["alertname=DiskSpaceLow", "severity=warning", "environment=production"], "warning"),
        (["alertname=SomethingNew"], "warning"),
    ],
)
def test_routes(labels: list[str], receiver: str) -> None:
    """Each severity goes to its receiver, the watchdog leaves the server, and what is unknown isn't lost."""
    done = amtool("config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}", *labels)
    assert done.returncode == 0, done.stdout + done.stderr
