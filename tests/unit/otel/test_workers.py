"""Whether other processes serve the same application, by what this one can see."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing import resource_tracker, util

import pytest

from pazpaz_otel.otel.workers import inherits_counts, is_helper, reason_for_several

UVICORN = ["python", "/usr/bin/uvicorn", "app:app"]


@pytest.mark.parametrize(
    ("arguments", "concurrency", "several"),
    [
        (UVICORN, 1, False),
        ([*UVICORN, "--workers", "1"], 1, False),
        ([*UVICORN, "--workers", "4"], 1, True),
        ([*UVICORN, "--workers=4"], 1, True),
        (UVICORN, 4, True),
        ([*UVICORN, "--reload"], 1, True),
        (["python", "/usr/bin/gunicorn", "app:app"], 1, True),
        (["python", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork"], 1, True),
        (["python", "-m", "joblib.externals.loky.backend.popen_loky_posix", "--pipe", "16"], 1, True),
        (["python", "-m", "loky.backend.popen_loky_posix", "--pipe", "16"], 1, True),
        (["python", "report.py", "-w"], 1, False),
    ],
)
def test_several_processes_are_seen(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], concurrency: int, several: bool
):
    """A command line or an environment that asks for several workers, or a forking server, is a reason."""
    monkeypatch.setattr(sys, "orig_argv", arguments)
    assert (reason_for_several(concurrency) is not None) is several


@pytest.mark.parametrize(("method", "inherits"), [("fork", True), ("spawn", False)])
def test_a_forked_process_begins_with_its_parents_counts(method: str, inherits: bool) -> None:
    """A spawned one begins with none, and neither is its parent's."""
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(inherits_counts) is inherits
    assert not inherits_counts()


@pytest.mark.parametrize(
    ("arguments", "is_helping"),
    [
        (["python", "-c", "from multiprocessing.resource_tracker import main;main(7)"], True),
        (["python", "-c", "from joblib.externals.loky.backend.resource_tracker import main; main(3, False)"], True),
        (["python", "-X", "dev", "-c", "from multiprocessing.resource_tracker import main;main(12)"], True),
        (["python", "-c", "from multiprocessing.forkserver import main; main(5, 6, ['__main__'], **{})"], False),
        (["python", "-c", "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)"], False),
        (["python", "-c", "from multiprocessing.resource_tracker import main;main(7);serve()"], False),
        (["python", "serve.py", "from multiprocessing.resource_tracker import main;main(7)"], False),
        (["python", "-m", "multiprocessing.resource_tracker"], False),
        (["python"], False),
    ],
)
def test_only_the_tracker_of_resources_is_a_helper(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], is_helping: bool
) -> None:
    """As Python starts it; whatever else runs with its name in the arguments may be the application."""
    monkeypatch.setattr(sys, "orig_argv", arguments)
    assert is_helper() is is_helping


def test_pythons_own_tracker_is_a_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of Python that starts it in another way is noticed."""
    started: list[list[str]] = []

    def start(_: str, arguments: list[object], __: object) -> int:
        started.append([item.decode() if isinstance(item, bytes) else str(item) for item in arguments])
        return os.getpid()

    monkeypatch.setattr(util, "spawnv_passfds", start)
    tracker = resource_tracker.ResourceTracker()
    tracker.ensure_running()
    tracker._fd = os.close(tracker._fd)
    tracker._pid = None
    monkeypatch.setattr(sys, "orig_argv", started[0])
    assert is_helper()
