"""A value that is read aside: what fails is said once, and is no failure of a guard."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import patches
from pazpaz_otel.otel.periodic_values import PeriodicValue
from pazpaz_otel.redact import drops, log_templates
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=[False, True], ids=["plain", "guarded"])
def _records(request: pytest.FixtureRequest) -> Iterator[None]:
    """Make log records as `logging` does, and as the guards do."""
    with patches.restored():
        if request.param:
            log_templates.install()
        yield


@pytest.mark.parametrize(
    "failure", [ValueError("Dana Levi"), RuntimeError("cannot schedule new futures after shutdown")], ids=repr
)
@pytest.mark.usefixtures("_records")
def test_a_reading_that_fails_is_said_once_and_taken_up_again(
    caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    """The database is away for some readings: one line by its class, no guard has failed, and then the value."""
    readings = iter([failure, failure, 7])

    def read() -> int:
        found = next(readings, 7)
        if isinstance(found, Exception):
            raise found
        return found

    before = drops.failures()
    with caplog.at_level(logging.WARNING, "pazpaz_otel"):
        value = PeriodicValue("active.workspaces", read, 0.01, lambda *_: True)
        wait_until(lambda: value.current() == 7, "the value")
    [line] = [record.getMessage() for record in caplog.records if record.name == "pazpaz_otel.otel.periodic_values"]
    told = f"active.workspaces can't be read: {type(failure).__name__}; logged once until it can be"
    assert line == told
    assert drops.failures() == before


ENDING = """
import logging, threading, time
from pazpaz_otel.otel.periodic_values import PeriodicValue
from pazpaz_otel.redact import drops
logging.basicConfig()
value = PeriodicValue("active.workspaces", lambda: 7, 0.01, lambda *_: True)
refreshing, = [thread for thread in threading.enumerate() if thread.name == "PazpazOtelRefresh"]
def outlive():
    refreshing.join(5.1)
    print(refreshing.is_alive(), drops.failures())
while value.current() is None:
    time.sleep(0.01)
threading.Thread(target=outlive).start()
"""


def test_an_interpreter_that_ends_is_no_failure() -> None:
    """A worker that is replaced while it reads says nothing, and no guard has failed: its threads just take no more."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout.split(), done.stderr) == (["False", "{}"], "")


CLOSING = """
import concurrent.futures.thread, gc, sys, threading, time
from pazpaz_otel.otel.periodic_values import PeriodicValue
from pazpaz_otel.redact import drops
value = PeriodicValue("active.workspaces", lambda: 7, 0.01, lambda *_: True)
refreshing, = [thread for thread in threading.enumerate() if thread.name == "PazpazOtelRefresh"]
while value.current() is None:
    time.sleep(0.01)
# As at the end, when the interpreter joins what the executors still run and the main thread isn't stopped yet.
if sys.argv[1] == "all":
    concurrent.futures.thread._shutdown = True
else:
    for held in gc.get_objects():
        if type(held) is concurrent.futures.thread.ThreadPoolExecutor:
            held._shutdown = True
refreshing.join(5.1)
print(refreshing.is_alive(), drops.failures())
"""


@pytest.mark.parametrize("first", ["all", "one"])
def test_executors_that_take_no_more_are_no_failure(first: str) -> None:
    """Executors end before the main thread does: what is read then isn't read any more, and no guard has failed."""
    done = subprocess.run(
        [sys.executable, "-c", CLOSING, first], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.stdout.split(), done.stderr) == (["False", "{}"], "")
