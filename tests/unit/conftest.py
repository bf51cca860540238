"""What holds for every unit test."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _no_patch_outlives_its_test() -> Iterator[None]:
    """Put back what a test, or a fixture of it, replaced in other packages, and the factory of log records."""
    # While our patch is installed, setting a factory wraps it.
    logging.setLogRecordFactory(logging.LogRecord)
    with patches.restored():
        yield
    logging.setLogRecordFactory(logging.LogRecord)
