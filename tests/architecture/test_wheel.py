"""The wheel: our package and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_wheel_holds_one_package(tmp_path: Path):
    """The wheel installs `pazpaz_otel`, typed, with its policy, and takes no other top-level name."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"pazpaz_otel"}
    assert {
        "pazpaz_otel/py.typed",
        "pazpaz_otel/policy/default.yaml",
        "pazpaz_otel/policy/schema.json",
    } <= set(names)
