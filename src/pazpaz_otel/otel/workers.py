"""Detect whether this process is one of several that serve the same application."""

from __future__ import annotations

import re
import sys
from typing import Final

_TRACKER: Final = re.compile(
    r"from (multiprocessing|[\w.]*loky\.backend)\.resource_tracker import main; ?main\(\d+(, (True|False))?\)", re.ASCII
)
_SPAWNED: Final = re.compile(r"--multiprocessing-fork|([\w.]+\.)?loky\.backend\.popen_loky_posix", re.ASCII)
"""What stands in the command line of a process that `multiprocessing`, or joblib's loky in its way, spawned."""
_FORK_SERVER: Final = "from multiprocessing.forkserver import main; main("
"""What `multiprocessing` runs to fork a program's processes from."""
_FORKING = frozenset({"celery", "dramatiq", "gunicorn", "huey_consumer", "rq", "uwsgi"})
"""Programs that run jobs or requests in forked processes."""


def is_worker() -> bool:
    """Return whether a server started this process as a worker.

    A spawned process doesn't know its parent yet while `sitecustomize` runs, but its command line tells.
    """
    # Processes forked by `multiprocessing` have the module loaded; others needn't import it.
    process = sys.modules.get("multiprocessing.process")
    has_parent = process is not None and process.parent_process() is not None
    return has_parent or _is_spawned()


def inherits_counts() -> bool:
    """Return whether `multiprocessing` forked this process, whose counts then begin with its parent's."""
    return is_worker() and not _is_spawned()


def _is_spawned() -> bool:
    return any(map(_SPAWNED.fullmatch, sys.orig_argv))


def is_helper() -> bool:
    """Return whether `multiprocessing` started this process for itself, without any of the application's code.

    Its server for forks isn't one of them: the processes that it forks run the application.
    """
    return _TRACKER.fullmatch(_program()) is not None


def _program() -> str:
    """Return the text that Python was given to run (`-c`), which ends the command line of `multiprocessing`'s own."""
    return sys.orig_argv[-1] if sys.orig_argv[-2:-1] == ["-c"] else ""


def reason_for_several(concurrency: int = 1) -> str | None:
    """Return why other processes may have counts of their own, or `None` if there are none.

    Args:
        concurrency: the number of workers that the environment requests in `WEB_CONCURRENCY`.
    """
    arguments = sys.orig_argv
    programs = {argument.rpartition("/")[2] for argument in arguments[:3]}
    if concurrency > 1:
        return "WEB_CONCURRENCY requests several workers"
    # The serving process forks its workers, however few its configuration file requests.
    forking = _FORKING & programs
    if forking:
        return f"{min(forking)} forks its worker processes"
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in {"--workers", "-w"}:
            count = value or (arguments[index + 1] if index + 1 < len(arguments) else "")
            if count.isascii() and count.isdigit() and int(count) > 1:
                return "the server was told to run several workers"
    if is_worker() or _program().startswith(_FORK_SERVER):
        return "this process is a worker of another"
    if "--reload" in arguments:
        return "this process only restarts the one that serves"
    return None
