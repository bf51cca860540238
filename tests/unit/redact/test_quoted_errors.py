"""A text that quotes an exception leaves with what may leave of the exception's message, and none of its values."""

from __future__ import annotations

import logging
import os
import sys
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(log_templates.ProvenLogRecord.of)
    LOG.addHandler(handler)
    yield found
    LOG.removeHandler(handler)
    logging.setLogRecordFactory(before)


def _fail(name: str) -> None:
    raise ValueError(f"no mailbox of {name} here")


def _said(name: str) -> str:
    return f"the chart of {name} was opened"


@given(st.text(max_size=20))
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
