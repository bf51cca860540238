"""What the documentation shows, works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.policy import load_policy

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{page.name}:{page.read_text(encoding='utf-8')[: match.start()].count(chr(10)) + 1}", match[2])
        for page in PAGES
        for match in BLOCK.finditer(page.read_text(encoding="utf-8"))
        if match[1] == language
    ]


POLICIES = [(where, text) for where, text in blocks("yaml") if text.startswith("version: 1")]
PROGRAMS = blocks("python")


@pytest.mark.parametrize(("where", "text"), POLICIES, ids=[where for where, _ in POLICIES])
def test_a_policy_in_the_documentation_can_be_used(tmp_path: Path, where: str, text: str):
    """Each policy that a page shows is one."""
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_policy(file).version == 1, where


@pytest.mark.parametrize(("where", "text"), PROGRAMS, ids=[where for where, _ in PROGRAMS])
def test_a_program_in_the_documentation_runs(where: str, text: str):
    """Each Python block that a page shows runs as it stands."""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{where}: {done.stderr}"


def test_links_lead_somewhere():
    """Each relative link of a page leads to a file."""
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*PAGES, *sorted((ROOT / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("route", ["/ping", "/db"])
def test_the_readme_says_the_cost_that_was_measured(route: str):
    """README's share of the stock distribution's cost is that of the benchmark's page, on each Python."""
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert "adds about a tenth of the CPU that the stock distribution adds to a request, with or without" in readme
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {route}: added CPU, ours / stock \|(.*)\|$", page, re.MULTILINE)
    assert row
    measured = [float(cell) for cell in row[1].split("|")[2:] if cell.strip()]
    assert measured
    assert max(measured) < 0.15
