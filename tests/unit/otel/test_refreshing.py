"""A value that is read aside: what fails is said once, and is no failure of a guard."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pazpaz_otel.otel.refreshing import Refreshed
from pazpaz_otel.redact import drops
from tests.programs import wait_until

if TYPE_CHECKING:
    import pytest


def test_a_reading_that_fails_is_said_once_and_taken_up_again(caplog: pytest.LogCaptureFixture) -> None:
    """The database is away for some readings: one line by its class, no guard has failed, and then the value."""
    readings = iter([ValueError("Dana Levi"), ValueError("Dana Levi"), 7])

    def read() -> int:
        found = next(readings, 7)
        if isinstance(found, Exception):
            raise found
        return found

    before = drops.failures()
    with caplog.at_level(logging.WARNING, "pazpaz_otel"):
        refreshed = Refreshed("active.workspaces", read, 0.01, lambda *_: True)
        wait_until(lambda: refreshed.value() == 7, "the value")
    [line] = [record.getMessage() for record in caplog.records if record.name == "pazpaz_otel.otel.refreshing"]
    assert line == "active.workspaces can't be read: ValueError; logged once until it can be"
    assert drops.failures() == before
