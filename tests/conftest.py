"""Fixtures that every test may use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.programs import GrpcSink, HttpSink, Postgres, Redis

if TYPE_CHECKING:
    from collections.abc import Iterator


# No test is timed: a loaded machine is slow and right. In CI the same examples every time, so that a red build is
# the change's own.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("steady"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "steady")


@pytest.fixture
def otlp_http_sink() -> Iterator[HttpSink]:
    """A receiver of OTLP/HTTP and Sentry envelopes that keeps every byte."""
    with HttpSink() as sink:
        yield sink


@pytest.fixture
def otlp_grpc_sink() -> Iterator[GrpcSink]:
    """A receiver of OTLP/gRPC that keeps every byte."""
    with GrpcSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, shared by the run; make a database of your own in it."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server, shared by the run; use keys or a database number of your own."""
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, then the slow ones; otherwise in the order of the files."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
