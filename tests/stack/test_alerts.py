"""Rules and alerts before the tools that will read them, in the oldest and the newest generation that may."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from monitoring.promtool import run_cases
from pazpaz_otel import yaml_text
from tests.programs import debian_binary, promtool_binary
from tests.programs.cache import remembered

PROMETHEUS = Path(__file__).parents[2] / "monitoring" / "prometheus"
RULES = [file for folder in ("rules", "alerts") for file in sorted((PROMETHEUS / folder).glob("*.yml"))]
GENERATIONS = {"prometheus 3": promtool_binary, "prometheus 2.42": lambda: debian_binary("promtool")}

pytestmark = [pytest.mark.stack, pytest.mark.long]


def promtool(generation: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run promtool of a generation in the folder of Prometheus' files."""
    command = [str(GENERATIONS[generation]()), *arguments]
    return subprocess.run(command, cwd=PROMETHEUS, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("generation", GENERATIONS)
class TestRules:
    def test_rules_are_valid(self, generation: str) -> None:
        """The tool promtool finds nothing wrong with recording rules and alerts."""
        done = promtool(generation, "check", "rules", *map(str, RULES))
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.slow
    @pytest.mark.parametrize("file", sorted(path.name for path in (PROMETHEUS / "tests").glob("*.yml")))
    def test_alerts_fire_and_stay_silent(self, generation: str, file: str) -> None:
        """Each alert is silent, then fires with its exact text; and it stays silent in the case beside it."""
        cases = PROMETHEUS / "tests" / file
        said = run_cases(cases, RULES, GENERATIONS[generation](), remembered("promtool"))
        assert said.split()[-2:] == [file, "SUCCESS"], said


class TestConfiguration:
    @pytest.mark.parametrize("file", ["prometheus.yml", "prometheus.remote-write.yml"])
    def test_it_is_valid(self, file: str, tmp_path: Path) -> None:
        """The tool promtool finds nothing wrong with the configuration and all that it includes."""
        folder = tmp_path / "prometheus"
        shutil.copytree(PROMETHEUS, folder)
        config = folder / file
        config.write_text(re.sub(r"/run/secrets/\w+", str(_secret(tmp_path)), config.read_text()))
        done = promtool("prometheus 3", "check", "config", str(config))
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_long_term_store_changes_nothing_else(self) -> None:
        """The optional layer for a long-term store is the same configuration with remote write on top."""
        plain, layered = (
            yaml_text.load((PROMETHEUS / file).read_text())
            for file in ("prometheus.yml", "prometheus.remote-write.yml")
        )
        assert layered.pop("remote_write")
        assert layered == plain


def _secret(folder: Path) -> Path:
    file = folder / "token"
    file.write_text("not-a-token")
    return file
