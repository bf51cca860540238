"""Which sources are read for a text that isn't proven: the first one of a process must not hold it up."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel.otel.text_writers import prove_name
from pazpaz_otel.redact import text
from pazpaz_otel.redact.provenance import places, source_index
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
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
