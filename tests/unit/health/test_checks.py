"""The checks' promises: bounded, shared, silent."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from sqlalchemy.ext.asyncio import create_async_engine

from pazpaz_otel.health import Probe, Status, check_redis, check_sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Counted:
    """A check that counts its runs, and does in each what it is told."""

    def __init__(self, act: Callable[[], object] | None = None) -> None:
        self.runs = 0
        self.go_on = asyncio.Event()
        self._act = act

    async def __call__(self) -> None:
        self.runs += 1
        await self.go_on.wait()
        if self._act:
            self._act()


def fail() -> None:
    raise ConnectionRefusedError("Dana Levi's database refuses")


class TestProbe:
    def test_many_probes_share_one_run(self) -> None:
        """However many ask at the same time, the check runs once and all get its answer."""

        async def scenario() -> None:
            check = Counted()
            probe = Probe("database", check)
            asking = [asyncio.create_task(probe.outcome()) for _ in range(50)]
            await asyncio.sleep(0)
            check.go_on.set()
            statuses = {outcome.status for outcome in await asyncio.gather(*asking)}
            assert ({Status.UP}, 1) == (statuses, check.runs)

        asyncio.run(scenario())

    @pytest.mark.parametrize(("cache", "runs"), [(3600.0, 1), (0.0, 3)])
    def test_an_answer_is_kept_for_its_time(self, cache: float, runs: int) -> None:
        """An answer serves everyone until it is older than the cache's time, and nobody after it."""

        async def scenario() -> int:
            check = Counted()
            check.go_on.set()
            probe = Probe("database", check, cache=cache)
            for _ in range(3):
                await probe.outcome()
            return check.runs

        assert runs == asyncio.run(scenario())

    def test_a_failure_is_kept_too(self) -> None:
        """A database that is down isn't asked more often than one that is up."""

        async def scenario() -> tuple[Status, int]:
            check = Counted(fail)
            check.go_on.set()
            probe = Probe("database", check, cache=3600)
            outcomes = [await probe.outcome() for _ in range(3)]
            return outcomes[-1].status, check.runs

        assert asyncio.run(scenario()) == (Status.DOWN, 1)

    def test_a_check_that_hangs_is_answered_for(self) -> None:
        """A check that doesn't end, not even when it is cancelled, is a timeout; no second one starts beside it."""

        async def scenario() -> tuple[list[Status], int]:
            runs = 0
            release = asyncio.Event()

            async def stubborn() -> None:
                nonlocal runs
                runs += 1
                while not release.is_set():
                    try:
                        await release.wait()
                    except asyncio.CancelledError:
                        continue

            probe = Probe("database", stubborn, timeout=0.01, cache=0)
            async with asyncio.timeout(10):
                statuses = [(await probe.outcome()).status for _ in range(3)]
            hung = runs
            release.set()
            await asyncio.sleep(0.01)
            statuses.append((await probe.outcome()).status)
            return statuses, hung

        statuses, hung = asyncio.run(scenario())
        assert statuses == [Status.TIMEOUT, Status.TIMEOUT, Status.TIMEOUT, Status.UP]
        assert hung == 1

    def test_a_probe_that_hangs_up_takes_nothing_with_it(self) -> None:
        """A caller that goes away doesn't cancel the run that others wait for."""

        async def scenario() -> Status:
            check = Counted()
            probe = Probe("database", check)
            first, second = (asyncio.create_task(probe.outcome()) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            check.go_on.set()
            return (await second).status

        assert asyncio.run(scenario()) is Status.UP

    def test_a_failure_is_logged_with_its_stack(self, caplog: pytest.LogCaptureFixture) -> None:
        """The log has the error's stack, the text of the log line nothing of the error."""

        async def scenario() -> None:
            check = Counted(fail)
            check.go_on.set()
            await Probe("database", check).outcome()

        with caplog.at_level(logging.ERROR):
            asyncio.run(scenario())
        (record,) = caplog.records
        assert record.getMessage() == "health check failed"
        written = logging.Formatter().format(record)
        assert "Traceback (most recent call last)" in written
        assert "ConnectionRefusedError" in written

    def test_a_check_leaves_no_telemetry(self) -> None:
        """Inside a check no span is active and instrumentations are told to be silent, whoever started it."""
        seen: list[tuple[bool, bool]] = []

        async def look() -> None:
            seen.append((is_instrumentation_enabled(), trace.get_current_span().get_span_context().is_valid))

        async def scenario() -> None:
            context = trace.SpanContext(1, 1, is_remote=False)
            with trace.use_span(trace.NonRecordingSpan(context)):
                await Probe("database", look).outcome()

        asyncio.run(scenario())
        assert seen == [(False, False)]


class TestHelpers:
    @pytest.mark.parametrize(("place", "status"), [("here.db", Status.UP), ("no/such/folder/x.db", Status.DOWN)])
    def test_the_database_is_asked(self, tmp_path: Path, place: str, status: Status) -> None:
        """A database that answers is up; one that can't be opened is down."""

        async def scenario() -> Status:
            engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / place}")
            try:
                return (await Probe("database", check_sqlalchemy(engine)).outcome()).status
            finally:
                await engine.dispose()

        assert status is asyncio.run(scenario())

    def test_the_pool_gets_its_connection_back(self, tmp_path: Path) -> None:
        """Checks don't use up the application's connections, passed or failed."""

        async def scenario() -> int:
            engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'here.db'}", pool_size=1, max_overflow=0)
            probe = Probe("database", check_sqlalchemy(engine), cache=0)
            for _ in range(3):
                assert (await probe.outcome()).healthy
            checked_out: int = engine.pool.checkedout()  # type: ignore[attr-defined]
            await engine.dispose()
            return checked_out

        assert asyncio.run(scenario()) == 0

    def test_redis_is_asked(self) -> None:
        """A Redis client whose ping fails is down."""

        class Broken:
            async def ping(self) -> None:
                fail()

        async def scenario() -> Status:
            return (await Probe("redis", check_redis(Broken())).outcome()).status

        assert asyncio.run(scenario()) is Status.DOWN


def test_fastapi_is_needed_by_the_router_only() -> None:
    """An application without FastAPI can use the checks, and the distribution can read the paths."""
    code = "import sys, pazpaz_otel.health; sys.exit('fastapi' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
