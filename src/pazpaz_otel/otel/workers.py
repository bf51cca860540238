"""Whether this process is one of several that serve the same application."""

from __future__ import annotations

import sys

_FORKING = frozenset({"celery", "dramatiq", "gunicorn", "huey_consumer", "rq", "uwsgi"})
"""Programs that run jobs or requests in processes of their own."""


def is_worker() -> bool:
    """Return whether a server started this process as a worker.

    A spawned process doesn't know its parent yet while `sitecustomize` runs; its command line does.
    """
    # Whoever was forked by `multiprocessing` has it loaded; others don't pay for it.
    process = sys.modules.get("multiprocessing.process")
    has_parent = process is not None and process.parent_process() is not None
    return has_parent or "--multiprocessing-fork" in sys.orig_argv


def is_helper() -> bool:
    """Return whether `multiprocessing` started this process for itself: it runs nothing of the application."""
    return any("multiprocessing.resource_tracker" in argument for argument in sys.orig_argv)


def reason_for_several(concurrency: int = 1) -> str | None:
    """Why there may be other processes with counts of their own, or `None` if there are none.

    Args:
        concurrency: the number of workers that the environment asks for, by `WEB_CONCURRENCY`.
    """
    arguments = sys.orig_argv
    programs = {argument.rpartition("/")[2] for argument in arguments[:3]}
    if concurrency > 1:
        return "WEB_CONCURRENCY asks for several workers"
    # Its workers are forks of the process that would serve, however few its configuration file asks for.
    forking = _FORKING & programs
    if forking:
        return f"{min(forking)} works in processes that it forks"
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in {"--workers", "-w"}:
            count = value or (arguments[index + 1] if index + 1 < len(arguments) else "")
            if count.isascii() and count.isdigit() and int(count) > 1:
                return "the server was told to run several workers"
    if is_worker():
        return "this process is a worker of another"
    if "--reload" in arguments:
        return "this process only restarts the one that serves"
    return None
