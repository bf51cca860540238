"""Which sources are read for a text that isn't proven: the first one of a process must not hold it up."""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import sys
import tracemalloc
import warnings
import weakref
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.otel.text_writers import prove_at_the_source, prove_name
from pazpaz_otel.redact import log_templates, logger_names, text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.provenance import places, source, source_index
from pazpaz_otel.redact.provenance.places import Running
from tests.unit.redact.conftest import Templates

if TYPE_CHECKING:
    from pathlib import Path

    from pazpaz_otel.redact.guards import Guard


@pytest.fixture(autouse=True)
def _forget() -> None:
    text._proven.clear()
    source_index._indexes.clear()
    places.PLACES.clear()


NOTICE = "the clinic is closed"


def _refuse(value: str) -> str:
    assert text.judge(value, Running(sys._getframe())).text is None
    return value


def _announce() -> str | None:
    return _judge(NOTICE)


def _judge(value: str) -> str | None:
    return text.judge(value, Running(sys._getframe())).text


def test_what_a_framework_refers_to_is_not_followed_for_the_application_that_it_calls() -> None:
    """`argparse` calls the application's function; none of the constants that its functions name is looked up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", type=_refuse)
    parser.parse_args([str(id(parser))])
    assert "argparse" not in source_index._indexes


def test_what_the_application_refers_to_is_followed() -> None:
    """A constant that a function hands to a helper is looked up, in its own module."""
    assert _announce() == NOTICE
    assert __name__ in source_index._indexes


@pytest.mark.parametrize(
    ("scope", "name", "looked_up"),
    [
        ("opentelemetry.instrumentation.sqlalchemy", "create {}.sqlite", False),
        ("opentelemetry.instrumentation.sqlalchemy", "Remind {}", True),
        ("clinic", "create {}", True),
    ],
)
def test_the_name_that_an_instrumentation_makes_of_a_statement_is_not_looked_up(
    guard: Guard, scope: str, name: str, looked_up: bool
) -> None:
    """The table names such a span when it ends; nothing is read for what its instrumentation called it."""
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer(scope)
    prove_name(tracer.start_span(name.format("Dvora")), guard)
    assert bool(places.PLACES) is looked_up


def test_the_name_of_a_logger_isnt_looked_up_again_as_that_of_a_scope(guard: Guard) -> None:
    """`getLogger` proved it; the first record of each logger would otherwise read the sources of all its callers."""
    logger_names.prove_asked("clinic.waiting_room", sys._getframe())
    places.PLACES.clear()
    prove_at_the_source(guard)
    LoggerProvider(shutdown_on_exit=False).get_logger("clinic.waiting_room")
    assert not places.PLACES


def test_the_source_of_logging_is_not_read() -> None:
    """What calls the record factory passes on the application's text; its 2,000 lines took 5 ms and 0.2 MB."""
    records = Templates()
    with patches.restored():
        log_templates.install()
        log = logging.getLogger("clinic.doors")
        log.propagate = False
        log.addHandler(records)
        source._files.clear()
        log.error("the door is open")
    assert records.told == ["the door is open"]
    assert list(source._files) == [__file__]


def test_what_logging_itself_warns_of_is_told() -> None:
    """`logging` says in a text of its own that a method is deprecated."""
    records = Templates()
    warned = logging.getLogger("py.warnings")
    with patches.restored(), warnings.catch_warnings():
        log_templates.install()
        warnings.simplefilter("always")
        warned.addHandler(records)
        logging.captureWarnings(capture=True)
        try:
            logging.getLogger("clinic.doors").warn("the door is open")  # noqa: G010 - what is tested
        finally:
            logging.captureWarnings(capture=False)
            warned.removeHandler(records)
    assert records.told == ["DeprecationWarning: The 'warn' method is deprecated, use 'warning' instead"]


def test_what_logging_raises_is_told() -> None:
    """The text of its error is its own; the level that it names came from the application."""
    try:
        logging.getLogger("clinic.doors").setLevel("ward-3")
    except ValueError as error:
        told = judge_message(error)
    assert told.text == "Unknown level: {level}"


def _import(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int) -> None:
    (folder / f"{name}.py").write_text(f"TEXT = {'a' * size!r}\n")
    monkeypatch.syspath_prepend(str(folder))
    importlib.import_module(name)


def test_the_trees_of_many_sources_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application has megabytes of source, which take thirty times that as trees."""
    for number in range(4):
        _import(tmp_path, monkeypatch, f"chapter_{number}", 200_000)
    found = []
    for number in range(4):
        index = source_index.index_of(f"chapter_{number}")
        assert index is not None
        found.append(weakref.ref(index))
    del index
    gc.collect()
    assert [one() is None for one in found] == [True, True, False, False]


def test_a_small_source_is_read_into_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for the largest that is read would be taken, and given back, for each."""
    _import(tmp_path, monkeypatch, "leaflet", 20)
    tracemalloc.start()
    try:
        assert source_index.index_of("leaflet") is not None
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
