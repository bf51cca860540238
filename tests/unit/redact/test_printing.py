"""How often exceptions are asked what they print: `__str__` is the application's code."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.exception_text import judge_message, judge_near

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = bytes.fromhex("44766f726120").decode() + "Mizrahi"

log = logging.getLogger("tests.printing")


class _CountedError(Exception):
    asked = 0

    def __str__(self) -> str:
        type(self).asked += 1
        return f"no room for {self.args[0]}"

    def __repr__(self) -> str:
        return f"<{self}>"


class _TellingError(_CountedError):
    def __str__(self) -> str:
        log.warning(f"asked for {self.args[0]}")  # noqa: G004 - what is tested
        return super().__str__()


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    log_templates.install()
    _CountedError.asked = _TellingError.asked = 0
    yield
    log.handlers.clear()


def _tell_beside(errors: list[Exception], name: str, count: int) -> list[Exception]:
    log.warning(f"asked {name} about {count}")  # noqa: G004 - what is tested
    log.warning(f"after {count} of them")  # noqa: G004
    return errors


def test_exceptions_that_a_function_holds_are_not_asked_for_another_text() -> None:
    """They may be slow, and tell nothing of a text that isn't made of them."""
    _tell_beside([_CountedError(NAME) for _ in range(5)], NAME, 5)
    assert _CountedError.asked == 0


def test_an_exception_is_asked_once_in_a_judgement() -> None:
    """Itself, its cause and what a text quotes are all compared with what it prints."""
    error = _CountedError(NAME)
    error.__cause__ = cause = _CountedError(NAME)
    assert judge_message(error).text == "no room for {…}"
    assert _CountedError.asked <= len([error, cause]) * len([str, repr])


def test_an_exception_that_logs_while_it_prints_is_not_asked_by_its_own_line() -> None:
    """Each line would ask the exception that is handled, which logs a line."""
    try:
        raise _TellingError(NAME)
    except _TellingError as error:
        log.warning(f"not booked: {error}")  # noqa: G004 - what is tested
        log.exception("not booked")
        told = judge_near(str(error))
    assert told == "no room for {…}"
    assert _TellingError.asked < 20
