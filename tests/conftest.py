"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from pazpaz_otel.imports import without_collection
from tests.programs import HttpSink, Postgres

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import ModuleType


# No test is timed: a loaded machine is slow and right. In CI the same examples every time, so that a red build is
# the change's own.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("steady"), derandomize=True)
chosen = "ci" if os.environ.get("CI") else "steady"
settings.register_profile("quick", settings.get_profile(chosen), max_examples=25)
settings.load_profile(chosen)

# Go's programs take a quarter of their CPU to collect garbage.
os.environ.setdefault("GOGC", "400")


@pytest.fixture
def otlp_http_sink() -> Iterator[HttpSink]:
    """A receiver of OTLP/HTTP and Sentry envelopes that keeps every byte."""
    with HttpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, shared by the run; make a database of your own in it."""
    with Postgres() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect thousands of tests, and no garbage meanwhile: of what they are made of, nothing goes."""
    with without_collection():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, so that a failure is seen soon; the longest files first where several run side by side.

    Those are ordered by the file's name, not its folder's: files that wait for programs run beside files that compute.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (-_weight(item), item.path.name))
    else:
        items.sort(key=_weight)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Unload every file of tests until its turn comes: the guards read all that is loaded, again for each test.

    Nor does a collection of garbage walk what the tests are made of.
    """
    for item in session.items:
        sys.modules.pop(_module_of(item).__name__, None)
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _its_turn(request: pytest.FixtureRequest) -> None:
    module = _module_of(request.node)
    sys.modules[module.__name__] = module


def _module_of(node: pytest.Item | pytest.Collector) -> ModuleType:
    module = node.getparent(pytest.Module)
    assert module is not None
    return module.obj  # type: ignore[no-any-return]


def _weight(item: pytest.Item) -> int:
    return 2 * (item.get_closest_marker("long") is not None) + (item.get_closest_marker("slow") is not None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down which tests failed, where `scripts/test.sh` asks for it."""
    file = os.environ.get("TESTS_FAILED_FILE")
    if file and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(file).open("a", encoding="utf-8") as failed:
            failed.write(f"{report.nodeid}\n")
