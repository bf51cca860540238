"""A log call's template keeps the names of classes and functions that it passes, and no value that looks like one."""

from __future__ import annotations

import contextlib
import enum
import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import log_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = bytes.fromhex("44616e61").decode()
IMPORT = bytes.fromhex("696d706f7274").decode()


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
    before = logging.getLogRecordFactory()
    log_templates.install()
    handler = _Records()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)
    logging.setLogRecordFactory(before)


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


class _Act(enum.Enum):
    BOOK = "book"
    CANCEL = "cancel"


class _Told(enum.StrEnum):
    LATE = "late"
    EARLY = "early"


def _begin(step: str) -> None:
    log.info("begin %s now", step)


@contextlib.contextmanager
def _stage(title: str) -> Iterator[None]:
    log.info("enter %s now", title)
    yield


class _Job:
    title = "nightly"

    def __init__(self, owner: str) -> None:
        self.mode = "careful"
        self.owner = owner

    def run(self) -> None:
        log.info("run %s by %s for %s", self.title, self.mode, self.owner)


def test_constants_stand_in_the_template(records: _Records) -> None:
    """A member, a constant, a caller's literal and an attribute that the class gives are told."""
    what = "wheel start"
    log.info("tried to %s, %s", _Act.BOOK, NAME)
    log.info("it was %s: %s, %s, %s", _Told.LATE, what, "ready", "Dana")
    _begin("import")
    with _stage("bagging"):
        _Job(NAME).run()
    assert records.templates == [
        "tried to _Act.BOOK, %s",
        "it was late: wheel start, ready, %s",
        "begin import now",
        "enter bagging now",
        "run nightly by careful for %s",
    ]


class _Watch:
    def __init__(self, label: str) -> None:
        self.label = label

    def __enter__(self) -> None:
        log.info("%s begins", self.label)

    def __exit__(self, *_: object) -> None:
        log.info("%s ends", self.label)


def test_what_an_object_was_made_with_stands_in_the_template(records: _Records) -> None:
    """The literal that a statement makes an object with is told by its methods; a value isn't."""
    with _Watch("loading"):
        pass
    with _Watch(NAME):
        pass
    with _Watch("unloading") as _, _Watch(IMPORT):
        pass
    assert records.templates == [
        *["loading begins", "loading ends"],
        *["%s begins", "%s ends"],
        *["%s begins"] * 2,
        *["%s ends"] * 2,
    ]


def _counted(count: int) -> str:
    if count == 1:
        return "one bed"
    return f"{count} beds"


def test_a_composition_stands_in_the_template(records: _Records) -> None:
    """What a helper composes for a place leaves by its form, literal or with holes."""
    for count in (1, 40712):
        log.info("%s are free", _counted(count))
    assert records.templates == ["one bed are free", "{count} beds are free"]


def test_a_value_that_equals_a_constant_stays(records: _Records) -> None:
    """What data chose isn't told, neither at once nor after a literal was told at the same place."""
    for step in (NAME, IMPORT, IMPORT):
        log.info("seen %s now", step)
    for told in _Told:
        if told != NAME:
            log.info("it is %s", told)
    _begin("import")
    _begin(NAME)
    _begin(IMPORT)
    job = _Job(NAME)
    job.title = NAME
    job.run()
    assert records.templates == [
        *["seen %s now"] * 3,
        *["it is %s"] * 2,
        "begin import now",
        *["begin %s now"] * 2,
        "run %s by careful for %s",
    ]
