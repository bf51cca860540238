"""A text that quotes an exception leaves with what may leave of the exception's message, and none of its values."""

from __future__ import annotations

import logging
import os
import sys
import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, field_validator

from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

LOG = logging.getLogger("clinic.quoted")


@pytest.fixture(autouse=True)
def records():
    """The records that a logger made, proven as in a guarded process."""
    found: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = found.append  # type: ignore[method-assign]
    logging.setLogRecordFactory(log_templates.ProvenLogRecord.of)
    LOG.addHandler(handler)
    yield found
    LOG.removeHandler(handler)


def _fail(name: str) -> None:
    raise ValueError(f"no mailbox of {name} here")


def _said(name: str) -> str:
    return f"the chart of {name} was opened"


@given(st.text(max_size=20))
@example(": ")
def test_what_is_quoted_leaves_as_the_template_of_its_own(name: str) -> None:
    """Whatever a value is, an f-string that quotes the exception being handled leaves as both templates."""
    try:
        _fail(name)
    except ValueError as error:
        left = judge(f"not sent to {name}: {error}", Running(sys._getframe())).text
        wrapped = RuntimeError(f"{error} (sending to {name})")
        wrapped.__context__ = error
    assert left == "not sent to {name}: no mailbox of {name} here"
    assert view(wrapped).message == "no mailbox of {name} here (sending to {name})"


def test_what_a_log_call_is_given_leaves(records: list[logging.LogRecord]) -> None:
    """An exception, a composed text and a stack trace among the values fill their fields; other values don't."""
    name = "eman gnol eht fo iveL anaD"[::-1]
    try:
        _fail(name)
    except ValueError as error:
        LOG.warning("not sent to %s: %s", name, error)
        LOG.warning("not sent to %s: %r", name, repr(error))
        LOG.warning("the job died\n%s", traceback.format_exc())
    LOG.warning("audit: %s", _said(name))
    left = [log_templates.template_of(record) or "" for record in records]
    assert left[0] == "not sent to %s: no mailbox of {name} here"
    assert left[2].endswith("ValueError: no mailbox of {name} here")
    assert left[3] == "audit: the chart of {name} was opened"
    assert not [text for text in left if "Dana" in text]


def test_file_names_leave_as_holes() -> None:
    """The operating system's words leave, with a hole for each file that Python names after them."""
    with pytest.raises(FileNotFoundError) as raised:
        os.rename("/nowhere/Dana.txt", "/nowhere/Levi.txt")  # noqa: PTH104 - as an application does
    assert view(raised.value).message == "[Errno 2] No such file or directory: '{…}' -> '{…}'"


class _Dive(BaseModel):
    who: str = Field(min_length=3)

    @field_validator("who")
    @classmethod
    def known(cls, value: str) -> str:
        if value.istitle():
            raise ValueError(f"{value} isn't on the list of divers")
        return value


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("eD"[::-1], "String should have at least 3 characters"),
        ("eman gnol eht fo iveL anaD"[::-1].title(), "Value error, {value} isn't on the list of divers"),
    ],
)
def test_one_message_of_a_validation_error_leaves(records: list[logging.LogRecord], name: str, told: str) -> None:
    """What pydantic says of one field leaves where a text or a log call quotes it, without the value."""
    try:
        _Dive(who=name)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
        LOG.error("the dive was refused: %s", message)
        left = judge(f"the plan was refused: {error.errors()[0]['msg']}", Running(sys._getframe())).text
    assert left == f"the plan was refused: {told}"
    assert log_templates.template_of(records[-1]) == f"the dive was refused: {told}"


class _ReefError(Exception):
    def __init__(self, detail: str) -> None:
        super().__init__(7)
        self.detail = detail


def test_an_attribute_of_the_handled_exception_leaves_in_a_log_call(records: list[logging.LogRecord]) -> None:
    """A text that the exception being handled holds leaves as its form; a value that it holds doesn't."""
    name = "eman gnol eht fo iveL anaD"[::-1]
    for detail in (f"the boat of {name} sank", name):
        try:
            raise _ReefError(detail)
        except _ReefError as error:
            LOG.error("the dive ended: %s", error.detail)
    assert [log_templates.template_of(record) for record in records[-2:]] == [
        "the dive ended: the boat of {name} sank",
        "the dive ended: %s",
    ]
