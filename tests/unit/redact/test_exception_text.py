"""Messages of exceptions that a class or a library composes leave by what the raising code proves."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.text import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = bytes.fromhex("44616e61204c657669").decode()


class AppError(Exception):
    """Prints its message amid values, as the base class of many applications does."""

    status = 400
    default = "something went wrong"

    def __init__(self, message: str | None = None, who: str = "") -> None:
        self.message = message or self.default
        self.who = who
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"[{self.status}] {self.message} ({self.who})"


def _message(fail: Callable[[], object]) -> str | None:
    try:
        fail()
    except Exception as exc:
        return view(exc).message
    return pytest.fail("nothing was raised")


def _raise(message: str | None, who: str) -> None:
    raise AppError(message, who)


def test_an_attribute_that_is_printed_amid_values_leaves_without_them() -> None:
    """The attribute's text is the source's; what stands around it is told by nothing."""

    def closed() -> None:
        raise AppError(f"the room of {NAME} is taken", NAME)

    assert _message(closed) == "{…} the room of {NAME} is taken {…}"
    assert _message(lambda: _raise(None, NAME)) == "{…} something went wrong {…}"
    assert _message(lambda: _raise(NAME, NAME[:4])) == PLACEHOLDER


@pytest.mark.parametrize(
    ("statement", "leaves"),
    [
        ("select * from visits_of_somebody", "no such table: {…}"),
        ("insert into clients values ('a'), ('a')", "UNIQUE constraint failed: {…}"),
        ("insert into clients values (null)", "NOT NULL constraint failed: {…}"),
        ("select 'Dana", "unrecognized token: {…}"),
    ],
)
def test_what_sqlite_says_leaves_without_what_it_quotes(statement: str, leaves: str) -> None:
    """SQLite's words are those of its source; a table, column or token leaves only as a name of the code."""
    database = sqlite3.connect(":memory:")
    database.execute("create table clients (phone text unique not null)")
    try:
        assert _message(lambda: database.execute(statement)) == leaves
    finally:
        database.close()
