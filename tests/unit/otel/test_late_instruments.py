"""Instruments that are asked for before there is a runtime."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

import pazpaz_otel
from pazpaz_otel import runtime
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.otel import instruments
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.settings import Settings


class _Recorded:
    """A meter that keeps what is recorded."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def __getattr__(self, made: str) -> Any:
        def make(name: str, callbacks: Any = (), **_: Any) -> Any:
            self.calls.extend((name, callback(None)) for callback in callbacks)
            return self if made.startswith("create_") else None

        return make

    def add(self, amount: float, attributes: Any = None) -> None:
        self.calls.append(("add", amount))


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> _Recorded:
    """What the instruments record once the runtime is open."""
    meter = _Recorded()
    monkeypatch.setattr(instruments, "get_meter", lambda *_: meter)
    monkeypatch.setattr(runtime, "_process", None)
    monkeypatch.setattr(instruments, "_waiting", [])
    monkeypatch.setattr(instruments, "_observed", [])
    return meter


def _open(monkeypatch: pytest.MonkeyPatch, *, strict: bool = False) -> None:
    policy = load_policy()
    process = runtime.Runtime(Settings(strict=strict), Guard(policy), instruments.Instruments(policy), finished=True)
    monkeypatch.setattr(runtime, "_process", process)
    instruments.bind_all(
        lambda kind, name: runtime.find(process, kind, name),
        lambda name, callback: runtime.observe(process, name, callback),
    )


def test_a_counter_of_a_module_counts_from_the_start_on(meter: _Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter made at import does nothing, touches nothing, and counts once the runtime is open."""
    early = pazpaz_otel.counter("appointments.created")
    early.add(1)
    assert (meter.calls, runtime.current()) == ([], None)
    _open(monkeypatch)
    early.add(2)
    assert meter.calls == [("add", 2)]


def test_an_early_observation_is_made_later(meter: _Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """`observe()` at import is observed from the start on."""
    pazpaz_otel.observe("active_workspaces_24h", lambda: 7)
    assert meter.calls == []
    _open(monkeypatch)
    [(name, [observation])] = meter.calls
    assert (name, observation.value) == ("active_workspaces_24h", 7)


@pytest.mark.parametrize("kind", ["counter", "up_down_counter", "histogram", "gauge"])
def test_an_undeclared_name_does_nothing_and_is_said(
    kind: str, meter: _Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that the policy doesn't declare gives an instrument that does nothing, and one line with the hint."""
    monkeypatch.setattr("pazpaz_otel.notices._given", {})
    _open(monkeypatch)
    for _ in range(2):
        made = getattr(pazpaz_otel, kind)("visits.unheard")
        for method in ("add", "record", "set"):
            with contextlib.suppress(AttributeError):
                getattr(made, method)(1)
    assert meter.calls == []
    assert capsys.readouterr().err.count("declares no metric `visits.unheard`; add it under `metrics`") == 1


@pytest.mark.parametrize("early", [True, False])
def test_a_name_made_of_data_is_never_said(
    early: bool, meter: _Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names that hold values give one line for all of them, without the names; a name of the source is said."""
    monkeypatch.setattr("pazpaz_otel.notices._given", {})
    if not early:
        _open(monkeypatch)
    for client in ("dvora", "mizrahi"):
        pazpaz_otel.counter("visits." + client)
        pazpaz_otel.observe(f"seen.{client}", lambda: 1)
    pazpaz_otel.gauge("visits.unheard")
    if early:
        _open(monkeypatch)
    assert sorted(capsys.readouterr().err.splitlines()) == [
        "pazpaz-opentelemetry: the policy declares no metric `visits.unheard`; add it under `metrics`",
        "pazpaz-opentelemetry: the policy declares no metric of a name that is made at run time",
    ]


def test_strict_refuses_an_undeclared_name(meter: _Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `PAZPAZ_OTEL_STRICT`, an undeclared name is an error at the call."""
    _open(monkeypatch, strict=True)
    with pytest.raises(PazPazOtelError, match="declares no metric"):
        pazpaz_otel.counter("visits.unheard")
