"""The scripts behind make's verbs: what fails in one fails it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
VERBS = ["build", "check", "lint", "api", "test", "budgets"]
PASSES = "#!/bin/sh\nexit 0\n"


def _program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts, all of whose programs do nothing, but for npm, in which one verb may fail."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "frontend" / "node_modules").mkdir(parents=True)
    (tmp_path / "tests" / "vectors").mkdir(parents=True)
    for name in ("python", "ruff", "mypy", "lint-imports", "mkdocs"):
        _program(tmp_path / ".venv" / "bin" / name, PASSES)
    _program(tmp_path / "bin" / "npm", '#!/bin/sh\necho "$3" >> ../npm.log\n[ "$3" != "$FAILS" ]\n')
    return tmp_path


def _status(checkout: Path, fails: str, afresh: str = "") -> int:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    cache = str(checkout / "cache")
    environment = {"PATH": path, "FAILS": fails, "XDG_CACHE_HOME": cache, "TEST_AFRESH": afresh}
    done = subprocess.run([str(checkout / "scripts" / "test.sh")], env=environment, capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize("verb", VERBS)
def test_what_fails_in_the_browser_package_fails_the_whole(checkout: Path, verb: str) -> None:
    """Whichever of its verbs fails, `make test` does, also where those after it pass."""
    assert _status(checkout, verb) == 1


def test_all_that_passes_passes(checkout: Path) -> None:
    """Where nothing fails, `make test` doesn't."""
    assert _status(checkout, "") == 0


def _verbs(checkout: Path) -> list[str]:
    """The verbs that ran in the browser package since this was asked."""
    log = checkout / "npm.log"
    ran = log.read_text().split()
    log.unlink()
    return ran


@pytest.mark.parametrize("changed", ["frontend/source.ts", "tests/vectors/kind.yaml", "scripts/frontend.sh"])
def test_what_passed_runs_again_once_a_file_changed(checkout: Path, changed: str) -> None:
    """Nothing of the browser package runs again with the same files unless asked, and all of it with another one."""
    assert _status(checkout, "") == 0
    assert _verbs(checkout) == VERBS
    # Python's own names the time at which a file was checked out.
    compiled = checkout / "tests" / "vectors" / "__pycache__" / "conftest.pyc"
    compiled.parent.mkdir()
    compiled.write_text("of this checkout")
    assert _status(checkout, "") == 0
    assert not (checkout / "npm.log").exists()
    assert _status(checkout, "", afresh="1") == 0
    assert _verbs(checkout) == VERBS
    with (checkout / changed).open("a") as file:
        file.write("# more\n")
    assert _status(checkout, "") == 0
    assert _verbs(checkout) == VERBS


def test_what_was_edited_while_it_ran_runs_again(checkout: Path) -> None:
    """A file that was broken when the run began, and mended before it was read, isn't remembered as it was."""
    source = checkout / "frontend" / "source.ts"
    source.write_text("broken")
    _program(checkout / "bin" / "npm", '#!/bin/sh\necho "$3" >> ../npm.log\necho mended > source.ts\n')
    assert _status(checkout, "") == 0
    assert _verbs(checkout) == VERBS
    source.write_text("broken")
    assert _status(checkout, "") == 0
    assert _verbs(checkout) == VERBS


def test_packages_are_those_of_the_lock_file(checkout: Path) -> None:
    """Packages that were copied for another lock file are replaced before anything runs with them."""
    for version in ("1", "2"):
        packages = checkout / version / "node_modules"
        packages.mkdir(parents=True)
        (packages / "version").write_text(version)
        _program(checkout / ".venv" / "bin" / "python", f'#!/bin/sh\ncase "$2" in *packages*) echo {packages};; esac\n')
        assert _status(checkout, "", afresh="1") == 0
        assert (checkout / "frontend" / "node_modules" / "version").read_text() == version


@pytest.mark.parametrize("verb", VERBS)
def test_what_failed_runs_again(checkout: Path, verb: str) -> None:
    """What fails in the browser package fails until it is mended."""
    for _ in range(2):
        assert _status(checkout, verb) == 1
        assert _verbs(checkout)[-1] == verb


@pytest.mark.parametrize("program", ["ruff", "mypy", "lint-imports", "mkdocs"])
def test_a_static_check_that_fails_fails_the_whole(checkout: Path, program: str) -> None:
    """So does whichever of the static checks fails."""
    _program(checkout / ".venv" / "bin" / program, "#!/bin/sh\nexit 1\n")
    assert _status(checkout, "") == 1
