"""What the tests rely on when they start a program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import Program, cache, missing, wait_until

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(300)"]


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_program_ends_with_its_block(tmp_path: Path) -> None:
    """Nothing runs on after the `with` block, children included."""
    command = ["sh", "-c", "sleep 300 & echo $! > child; wait"]
    with Program(command, tmp_path) as program:
        pid = program.pid
        child = int(wait_until(lambda: (tmp_path / "child").read_text().strip(), "the child's pid"))
    assert wait_until(lambda: _gone(pid) and _gone(child), "both to end")


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_a_program_ends_with_its_parent(tmp_path: Path) -> None:
    """A killed test run leaves no program behind."""
    script = (
        "import time, pathlib; from tests.programs import Program, wait_until\n"
        f"p = Program({SLEEPER!r}, pathlib.Path({str(tmp_path)!r})).start()\n"
        "wait_until(lambda: 'up' in p.log, 'its first word')\n"
        "print(p.pid, flush=True); time.sleep(300)"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: _gone(pid), "the program to end")


def test_a_program_that_ends_early_says_why(tmp_path: Path) -> None:
    """A start-up failure shows the exit code and the program's own words."""

    class NeverReady(Program):
        def ready(self) -> bool:
            return False

    with pytest.raises(RuntimeError, match="3: no such setting"):
        NeverReady(["sh", "-c", "echo no such setting; exit 3"], tmp_path).start()


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whole builds enter the cache, and each is built once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def broken(folder: Path) -> None:
        (folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.cached("thing", "recipe", broken)
    built: list[Path] = []
    first = cache.cached("thing", "recipe", built.append)
    assert first == cache.cached("thing", "recipe", built.append)
    assert len(built) == 1
    assert list(first.iterdir()) == []
    assert first != cache.cached("thing", "another recipe", built.append)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_program_skips_here_and_fails_in_ci(ci: str, outcome: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out silently: in CI a missing program is a failure, elsewhere a skip that names the command."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="get it with `make test-deps`"):
        missing.unavailable("redis-server", "not installed", "make test-deps")
