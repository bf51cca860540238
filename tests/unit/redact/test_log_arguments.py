"""A log call's template keeps the names of classes and functions that it passes, and no value that looks like one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import log_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = bytes.fromhex("44616e61").decode()


class Booking:
    """A class whose name may be somebody's, too."""


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.templates: list[str | None] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.templates.append(log_templates.template_of(record))


@pytest.fixture
def records() -> Iterator[_Records]:
    """Collect the templates of a logger whose records are proven."""
    log_templates.install()
    handler = _Records()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


log = logging.getLogger("tests.log_arguments")
log.setLevel(logging.DEBUG)


def test_names_of_classes_and_functions_stand_in_the_template(records: _Records) -> None:
    """`type(error).__name__` and `function.__name__` are told, of one class after the other."""
    for error in (KeyError(NAME), ValueError(NAME)):
        log.error("%s while calling %s", type(error).__name__, NAME)
        log.log(logging.ERROR, "%s: %s was refused", _Records.emit.__qualname__, NAME)
    assert records.templates == [
        "KeyError while calling %s",
        "_Records.emit: %s was refused",
        "ValueError while calling %s",
        "_Records.emit: %s was refused",
    ]


DIAGNOSIS = "depression"


def test_words_of_constants_stay_values(records: _Records) -> None:
    """A single word that the program holds or passes may be what data is compared with: its name leaves, or nothing."""
    local = "mania"
    for word in (DIAGNOSIS, local, "insomnia"):
        log.info("seen for %s", word)
    log.info("seen for %s", DIAGNOSIS)
    log.info("seen for %s", local)
    log.info("seen for %s", "insomnia")
    log.info(f"seen for {DIAGNOSIS} and {local}")  # noqa: G004 - the form under test
    log.info("seen for " + DIAGNOSIS)  # noqa: G003
    templates = ["seen for %s"] * 6 + ["seen for {DIAGNOSIS} and {local}", "seen for {DIAGNOSIS}"]
    assert records.templates == templates


def test_a_value_that_equals_a_name_stays(records: _Records) -> None:
    """A value that is the name of a loaded class is no name where the call doesn't pass one."""
    booking = Booking()
    log.error("%s was seen with %s", type(booking).__name__, NAME)
    surname = bytes.fromhex("426f6f6b696e67").decode()
    log.error("%s was seen by %s", surname, type(booking).__name__)
    log.error("%s was seen by %s", surname, NAME)
    made = type(NAME, (), {})()
    log.error("%s was seen at %s", type(made).__name__, NAME)
    assert records.templates == [
        "Booking was seen with %s",
        "%s was seen by Booking",
        "%s was seen by %s",
        "%s was seen at %s",
    ]
