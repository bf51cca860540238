"""What is public is exported, documented, and typed."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
ROW = re.compile(r"^\| `(pazpaz_otel[.a-z]*)` \| (`.+`) \|$", re.MULTILINE)
STATED = {
    module: re.findall(r"`([^`]+)`", names)
    for module, names in ROW.findall((REFERENCE / "stability.md").read_text(encoding="utf-8"))
}
NAMES = [(module, name) for module, names in STATED.items() for name in names]


def test_the_page_on_stability_lists_what_is_exported():
    """The page's names of each public module are its `__all__`, in that order."""
    assert len(STATED) == 5
    assert {module: importlib.import_module(module).__all__ for module in STATED} == STATED


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[f"{module}.{name}" for module, name in NAMES])
def test_a_public_name_is_documented_and_typed(module: str, name: str):
    """Each public function and class, with its public methods, has a docstring and the type of each parameter."""
    value = inspect.unwrap(getattr(importlib.import_module(module), name))
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    members = vars(value).items() if inspect.isclass(value) else ()
    functions = [member for key, member in members if inspect.isfunction(member) and not key.startswith("_")]
    for one in [value, *functions] if inspect.isclass(value) else [value]:
        assert inspect.getdoc(one), one
        if inspect.isfunction(one):
            bare = [p.name for p in inspect.signature(one).parameters.values() if p.annotation is p.empty]
            assert bare in ([], ["self"]), one
            assert "return" in one.__annotations__, one


@pytest.mark.slow
def test_the_site_shows_every_public_name(tmp_path: Path):
    """The site's page on the Python interface, built strictly, has a heading for each public name with a docstring."""
    command = [str(Path(sys.executable).with_name("mkdocs")), "build", "--quiet", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    page = (tmp_path / "reference" / "python" / "index.html").read_text(encoding="utf-8")
    shown = set(re.findall(r'id="(pazpaz_otel[\w.]*)"', page))
    # A module's attribute without a docstring of its own has no entry.
    wanted = {f"{module}.{name}" for module, name in NAMES if name != "__version__"}
    assert wanted - shown == set()
