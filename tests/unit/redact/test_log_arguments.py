"""A log call's template keeps the names of classes and functions that it passes, and no value that looks like one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import log_templates
from tests.unit.redact.conftest import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = bytes.fromhex("44616e61").decode()


class Booking:
    """A class whose name may be somebody's, too."""


@pytest.fixture
def records() -> Iterator[Templates]:
    """Collect the templates of a logger whose records are proven."""
    log_templates.install()
    handler = Templates()
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


log = logging.getLogger("tests.log_arguments")
log.setLevel(logging.DEBUG)


def test_names_of_classes_and_functions_stand_in_the_template(records: Templates) -> None:
    """`type(error).__name__` and `function.__name__` are told, of one class after the other."""
    for error in (KeyError(NAME), ValueError(NAME)):
        log.error("%s while calling %s", type(error).__name__, NAME)
        log.log(logging.ERROR, "%s: %s was refused", Templates.emit.__qualname__, NAME)
    assert records.told == [
        "KeyError while calling %s",
        "Templates.emit: %s was refused",
        "ValueError while calling %s",
        "Templates.emit: %s was refused",
    ]


DIAGNOSIS = "depression"


def test_words_of_constants_stay_values(records: Templates) -> None:
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
    assert records.told == templates


NOTE = "her mother suspected a depression"


class Notes:
    """Texts that a class holds."""

    LAST = "her sister suspected a mania"


def _why() -> str:
    return "nobody suspected an insomnia"


def test_constants_of_several_words_are_told_by_their_name(records: Templates) -> None:
    """A log call's value leaves as its name or not at all, also if it is a text of the program."""
    local = "her aunt suspected a bulimia"
    for _ in range(2):
        log.info("note %s", NOTE)
        log.log(logging.INFO, "note %s of %s", NAME, Notes.LAST)
        log.info("note %s", local)
        log.info("note %s", "her uncle suspected a phobia")
        log.info("note %s", _why())
        log.info("note %s, %s", *(NAME, NOTE))
    assert (
        records.told
        == [
            "note {NOTE}",
            "note %s of {Notes.LAST}",
            "note {local}",
            "note %s",
            "note %s",
            "note %s, %s",
        ]
        * 2
    )


def test_messages_among_the_values_leave(records: Templates) -> None:
    """What is chosen among literals leaves, what the function was passed, and the handled exception's message."""

    def tell(message: str) -> None:
        log.info("told %s", message)

    reason = NAME[:0] or "nobody has said why"
    log.info("kept, %s", "as it was paid" if NAME else "as it wasn't paid")
    log.info("kept, %s", reason)
    log.info("kept, %s", NAME[:0] or "as nobody has asked")
    log.info(f"kept: {NAME[:0] or 'as nobody has come'}")  # noqa: G004 - the form under test
    log.info("kept, %s", NAME or "as nobody has asked")
    tell("that the gate is shut")
    try:
        raise ValueError(NOTE)
    except ValueError as error:
        log.info("kept, %s", str(error))
    log.info("%s: %s", NOTE, "her uncle suspected a phobia")
    assert records.told == [
        "kept, as it was paid",
        "kept, nobody has said why",
        "kept, as nobody has asked",
        "kept: as nobody has come",
        "kept, %s",
        "told that the gate is shut",
        f"kept, {NOTE}",
        f"{NOTE}: her uncle suspected a phobia",
    ]


def test_the_handled_exceptions_short_text_leaves(records: Templates) -> None:
    """An exception's text is told by its raise, in one word as well; what data made it of is not."""
    for told in ("jammed", "gate jammed", NAME):
        try:
            raise ValueError("gate jammed" if " " in told else "jammed") if told != NAME else ValueError(NAME)
        except ValueError as error:
            reason = str(error)
            log.error("it failed: %s", reason)
            log.error("it failed for %s: %s", NAME, reason)
    log.error("it failed: %s", "jammed")
    told = ["it failed: jammed", "it failed for %s: jammed", "it failed: gate jammed", "it failed for %s: gate jammed"]
    assert records.told == [*told, "it failed: %s", "it failed for %s: %s", "it failed: %s"]


def test_a_value_that_equals_a_name_stays(records: Templates) -> None:
    """A value that is the name of a loaded class is no name where the call doesn't pass one."""
    booking = Booking()
    log.error("%s was seen with %s", type(booking).__name__, NAME)
    surname = bytes.fromhex("426f6f6b696e67").decode()
    log.error("%s was seen by %s", surname, type(booking).__name__)
    log.error("%s was seen by %s", surname, NAME)
    made = type(NAME, (), {})()
    log.error("%s was seen at %s", type(made).__name__, NAME)
    assert records.told == [
        "Booking was seen with %s",
        "%s was seen by Booking",
        "%s was seen by %s",
        "%s was seen at %s",
    ]
