"""A pytest plugin for an application's own tests: the fixture `phi_audit`.

pytest loads it in every run of an environment that has this package, so it starts nothing until it is used::

    def test_no_patient_leaves(phi_audit, client):
        name = phi_audit.phi("name.hebrew")
        client.post("/clients", json={"full_name": name})
        phi_audit.assert_no_leaks()

The fixture configures the distribution in the test process, with exporters that send to a receiver on loopback that
keeps every byte. It must be the first to do so: import an application that calls `pazpaz_otel.configure()` itself after
the fixture, inside the test or in a fixture that requests `phi_audit`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pazpaz_otel.audit.report import Leak
    from pazpaz_otel.audit.sinks import HttpSink

__all__ = ["PhiAudit", "phi_audit"]


class PhiAudit:
    """Invent patient data for a test, and search everything that left for it.

    Attributes:
        environment: settings with which another process sends its telemetry to the same receiver.
    """

    def __init__(self, sink: HttpSink, environment: Mapping[str, str], seed: int) -> None:
        from pazpaz_otel.audit.canaries import CanaryMaker  # noqa: PLC0415 - only needed if the fixture is used
        from pazpaz_otel.audit.plant.registry import Planter  # noqa: PLC0415

        self.environment = environment
        self.seed = seed
        self._sink = sink
        self._start = len(sink.received)
        self._planter = Planter(CanaryMaker(seed))
        self._outputs: dict[str, bytes] = {}

    def phi(self, category: str | None = None, variant: str = "plain", surface: str = "test") -> str:
        """Return a new, invented piece of patient data.

        Args:
            category: one of `pazpaz_otel.audit.canaries.CATEGORIES`; by default, each in turn.
            variant: the form, one of `pazpaz_otel.audit.canaries.VARIANTS`.
            surface: the name in the report of the place where it is planted.

        Raises:
            KeyError: there is no such category or variant.
        """
        unwanted: tuple[str, ...] = ()
        if category is not None:
            from pazpaz_otel.audit.canaries import CATEGORIES  # noqa: PLC0415

            unwanted = tuple(name for name in CATEGORIES if name != category) if category in CATEGORIES else ()
            if not unwanted:
                raise KeyError(category)
        return self._planter.text(surface, variant, unwanted)

    def check(self, data: str | bytes, where: str) -> None:
        """Search other output as well, such as what `capsys` captured.

        Args:
            data: the output.
            where: its name in the report.
        """
        self._outputs[where] = self._outputs.get(where, b"") + (data.encode() if isinstance(data, str) else data)

    def leaks(self) -> tuple[Leak, ...]:
        """Flush the process's telemetry, and return what has left of everything that this test planted so far."""
        from pazpaz_otel.audit.run import examine  # noqa: PLC0415

        _flush()
        planted: dict[str, Any] = {"plants": self._planter.record(), "failures": [], "useful": []}
        return examine(planted, self._sink.received[self._start :], self._outputs, self.seed).leaks

    def assert_no_leaks(self) -> None:
        """Fail the test if anything that it planted has left.

        Raises:
            AssertionError: something has left; the message says what, where, and the seed.
        """
        __tracebackhide__ = True
        found = self.leaks()
        lines = [f"a {leak.category}, planted in {leak.planted}, left in {leak.found}: {leak.token}" for leak in found]
        assert not found, "\n".join([f"{len(found)} leaks (seed {self.seed})", *lines])


@pytest.fixture(scope="session")
def _phi_receiver() -> Iterator[tuple[HttpSink, Mapping[str, str]]]:
    import pazpaz_otel  # noqa: PLC0415
    from pazpaz_otel import runtime  # noqa: PLC0415
    from pazpaz_otel.audit.run import receiving  # noqa: PLC0415

    process = runtime.current()
    if process is not None and process.finished:
        raise pytest.UsageError("phi_audit must configure pazpaz_otel itself; import the application after it")
    with receiving("http/protobuf") as (sink, _, environment), pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        pazpaz_otel.configure()
        yield sink, environment
        _flush()


@pytest.fixture
def phi_audit(_phi_receiver: tuple[HttpSink, Mapping[str, str]]) -> Iterator[PhiAudit]:
    """Invent patient data, and fail the test at its end if any of it has left the process."""
    audit = PhiAudit(*_phi_receiver, secrets.randbelow(2**31))
    yield audit
    audit.assert_no_leaks()


def _flush() -> None:
    from pazpaz_otel.integrations import jobs  # noqa: PLC0415
    from pazpaz_otel.sentry import client  # noqa: PLC0415

    jobs.flush(10.0)
    client.flush(10.0)
