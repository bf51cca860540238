"""What the tests of several job runners need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.programs import HttpSink, Redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sinks() -> Iterator[tuple[HttpSink, HttpSink]]:
    """Where telemetry and errors go."""
    with HttpSink() as telemetry, HttpSink() as sentry:
        yield telemetry, sentry


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The URL of a real Redis."""
    with Redis(tmp_path) as server:
        yield server.url
