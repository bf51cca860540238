"""The project itself: what a release is made of, and the workflows that make it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from pazpaz_otel import yaml_text
from tests.programs.golang import actionlint_binary

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
needs_workflows = pytest.mark.skipif(not WORKFLOWS, reason="an sdist holds no workflows")


def identify(file: Path) -> str:
    return file.name


def test_one_exact_set_of_opentelemetry_is_pinned():
    """Each OpenTelemetry package is pinned by `==` to what is installed, so no pip has to search for a set."""
    pins = {
        name: version
        for requirements in (PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values())
        for requirement in requirements
        if requirement.startswith("opentelemetry-")
        for name, _, version in [requirement.partition("==")]
    }
    assert len(pins) > 5
    assert pins == {name: metadata.version(name) for name in pins}


def test_the_pinned_packages_agree_with_each_other():
    """What a pinned OpenTelemetry package requires of another one is what is pinned."""
    installed = {
        dist.metadata["Name"]: dist.version
        for dist in metadata.distributions()
        if dist.metadata["Name"].startswith("opentelemetry-")
    }
    wrong = [
        f"{name} requires {found[0]}"
        for name in installed
        for requirement in metadata.requires(name) or []
        if "extra ==" not in requirement and (found := re.match(r"(opentelemetry-[a-z-]+)==([\w.]+)", requirement))
        if installed.get(found[1]) != found[2]
    ]
    assert wrong == []


@pytest.mark.slow
def test_the_distribution_can_be_released(tmp_path: Path):
    """Wheel and sdist hold what they should, and their classifiers are the versions that CI tests."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    check = [sys.executable, "-m", "scripts.check_distribution", str(tmp_path)]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    wrong = subprocess.run([*check, "--tag", "v0.0.0"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    listed = subprocess.run([*check, "--python-versions"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(listed.stdout) == ["3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=identify)
def test_actions_are_pinned_and_may_do_nothing_by_default(workflow: Path):
    """Each action is pinned by commit, its version beside it; a workflow as such has no permission."""
    text = workflow.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)] == []
    assert yaml_text.load(text)["permissions"] == {}


@needs_workflows
def test_the_workflows_are_secure():
    """Zizmor finds nothing in them."""
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", ".github/workflows"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.stack
@needs_workflows
def test_the_workflows_are_valid():
    """Actionlint finds nothing in them."""
    done = subprocess.run(
        [str(actionlint_binary()), "-shellcheck=", "-pyflakes=", *map(str, WORKFLOWS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_hooks_leave_the_corpora_as_people_wrote_them():
    """What pre-commit runs on a file of a corpus, by its name, finds and changes nothing."""
    hooks = yaml_text.load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    verbs = [hook["entry"].split()[1] for hook in hooks if hook["entry"].startswith(".venv/bin/ruff ")]
    assert verbs == ["check", "format"]
    corpus = [str(file) for file in (ROOT / "tests" / "integration" / "corpora").rglob("*.py")]
    assert corpus
    ruff = str(Path(sys.executable).with_name("ruff"))
    for command in ([ruff, "check", "--quiet", *corpus], [ruff, "format", "--check", *corpus]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout


def test_fragments_make_a_changelog():
    """Towncrier makes a section of the fragments, and leaves none out."""
    command = [str(Path(sys.executable).with_name("towncrier")), "build", "--draft", "--version", "9.9.9"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    fragments = [file for file in (ROOT / "changes.d").iterdir() if file.name != "README.md"]
    assert len(re.findall(r"^- ", done.stdout, re.MULTILINE)) == len(fragments)
