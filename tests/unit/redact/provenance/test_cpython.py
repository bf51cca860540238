# ruff: noqa: PLW0108, PLR0124, DTZ007, RUF043 - what fails is what is tested
"""Python's own messages leave without what they quote."""

from __future__ import annotations

import asyncio
import binascii
import json
import pickle
import socket
import struct
import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.exceptions import view

NAME = bytes.fromhex("44616e61204c657669").decode()


class Slot:
    def book(self, who: str) -> None:
        """Take a slot."""


SLOT: Any = Slot()
UNHASHABLE_KEY = (
    "cannot use 'dict' as a dict key (unhashable type: 'dict')"
    if sys.version_info >= (3, 14)
    else "unhashable type: 'dict'"
)


def _resolve(_: str) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _unbound() -> object:
    if not NAME:
        later = 1
    return later


@pytest.mark.parametrize(
    ("fail", "expected"),
    [
        (lambda: struct.unpack("<I", b"a"), "unpack requires a buffer of {…} bytes"),
        (lambda: binascii.a2b_base64("abc"), "Incorrect padding"),
        (lambda: pickle.loads(NAME.encode()), "invalid load key, {…}."),
        (lambda: _resolve(NAME), "[Errno {…}] Name or service not known"),
        (lambda: SLOT.phone, "'Slot' object has no attribute 'phone'"),
        (lambda: getattr(SLOT, NAME), "'Slot' object has no attribute '{name}'"),
        (lambda: None.phone, "'NoneType' object has no attribute 'phone'"),
        (lambda: SLOT.book(), "Slot.book() missing 1 required positional argument: 'who'"),
        (lambda: SLOT.book(**{"who": 1, NAME: 2}), "Slot.book() got an unexpected keyword argument '{name}'"),
        (lambda: SLOT < SLOT, "'<' not supported between instances of 'Slot' and 'Slot'"),
        (lambda: 1 + NAME, "unsupported operand type(s) for +: 'int' and 'str'"),
        (lambda: hash(SLOT.__dict__), "unhashable type: 'dict'"),
        (lambda: {SLOT.__dict__: 1}, UNHASHABLE_KEY),
        (lambda: int(NAME), "invalid literal for int() with base 10: {…}"),
        (lambda: [].pop(), "pop from empty list"),
        (lambda: json.dumps(SLOT), "Object of type Slot is not JSON serializable"),
        (lambda: json.loads(NAME), "Expecting value: line {…} column {…} (char {…})"),
        (lambda: datetime.now() < datetime.now(UTC), "can't compare offset-naive and offset-aware datetimes"),  # noqa: DTZ005
        (asyncio.get_running_loop, "no running event loop"),
        (lambda: Decimal(NAME), "[<class 'decimal.ConversionSyntax'>]"),
        (lambda: {"a": 1}["phone"], "'phone'"),
        (lambda: {"a": 1}[NAME], None),
        (lambda: datetime.strptime(NAME, "%Y"), "time data {data_string} does not match format {format}"),
    ],
)
def test_a_message_of_pythons_own(fail: Any, expected: str | None) -> None:
    """The sentence leaves, with the types and names that the program's code has; values don't."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any type
        fail()
    assert judge_message(caught.value).text == expected
    assert NAME not in str(view(caught.value))


def test_a_local_variable_is_named() -> None:
    """An unbound local variable's name stands in the code."""
    with pytest.raises(UnboundLocalError) as caught:
        _unbound()
    assert "'later'" in (judge_message(caught.value).text or "")


def test_a_class_from_c_keeps_its_name() -> None:
    """Classes that extension modules make for a module in Python are named as they are."""
    import socket
    import sqlite3

    for cls in (sqlite3.IntegrityError, socket.gaierror, InvalidOperation):
        assert view(cls("x")).type.rpartition(".")[2] == cls.__name__


def test_an_empty_message_stays_empty() -> None:
    """An exception without a text has none to redact."""
    with pytest.raises(ValueError, match="^$") as caught:
        raise ValueError("")
    assert view(caught.value).message == ""


def test_the_root_cause_of_a_long_chain_is_kept() -> None:
    """The middle of a chain is left out, the first and the last exception aren't."""
    error: Exception = LookupError("the root of it")
    for number in range(60):
        outer = ValueError(number)
        outer.__cause__ = error
        error = outer
    seen = view(error)
    types = []
    while seen is not None:
        types.append(seen.type)
        seen = seen.cause
    assert (types[0], types[-1]) == ("ValueError", "LookupError")


@pytest.mark.parametrize(("length", "said"), [(60_000, "could not convert string to float: {…}"), (70_000, None)])
def test_a_message_that_holds_a_whole_upload_is_not_searched(length: int, said: str | None) -> None:
    """Each template would search it, megabytes too."""
    with pytest.raises(ValueError, match="^could not") as raised:
        float("x" * length)
    assert judge_message(raised.value).text == said
