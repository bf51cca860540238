"""Exceptions that are told after their handler, or without one, leave as their own templates, without values."""

from __future__ import annotations

import asyncio
import logging
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jsonschema
import pydantic
import pytest

from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.exceptions import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger("clinic.nearby")
NAME = "iveL anaD"[::-1]


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """The records that a logger made, proven as in a guarded process."""
    made: list[logging.LogRecord] = []
    logging.setLogRecordFactory(log_templates.ProvenLogRecord.of)
    handler = logging.Handler()
    handler.emit = made.append  # type: ignore[method-assign]
    LOG.addHandler(handler)
    yield made
    LOG.removeHandler(handler)


def _fail(name: str) -> None:
    raise LookupError(f"no mailbox of {name} here")


async def _fail_later(name: str) -> None:
    _fail(name)


def _future(name: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(_fail, name)
    LOG.error(f"not sent: {future.exception()}")  # noqa: G004


def _result(name: str) -> None:
    async def gather() -> list[BaseException | None]:
        return await asyncio.gather(_fail_later(name), return_exceptions=True)

    for result in asyncio.run(gather()):
        if isinstance(result, Exception):
            LOG.error(f"not sent: {result}")  # noqa: G004


def _joined(name: str) -> None:
    errors = []
    for _ in range(2):
        try:
            _fail(name)
        except LookupError as error:
            errors.append(error)
    LOG.error("not sent: %s", "; ".join(str(error) for error in errors))


def _one_argument(name: str) -> None:
    try:
        raise LookupError(f"no mailbox of {name} here", 3)
    except LookupError as error:
        LOG.error(error.args[0])


def _member(name: str) -> None:
    try:
        raise ExceptionGroup("round", [LookupError(f"no mailbox of {name} here")])
    except* LookupError as group:
        for error in group.exceptions:
            LOG.error("not sent: %s", error)


def _joined_members(name: str) -> None:
    try:
        raise ExceptionGroup("round", [LookupError(f"no mailbox of {name} here"), TypeError(name)])
    except ExceptionGroup as group:
        LOG.error("not sent: " + ", ".join(map(str, group.exceptions)))  # noqa: G003


def _listed(name: str) -> None:
    errors = []
    try:
        _fail(name)
    except LookupError as error:
        errors.append(error)
    LOG.error(f"not sent: {errors}")  # noqa: G004
    LOG.error("not sent: %s", errors)


def _validated(name: str) -> None:
    try:
        pydantic.TypeAdapter(list[int]).validate_python([name])
    except pydantic.ValidationError as error:
        LOG.error("not sent: %s", error.errors(include_url=False))


def _warned(name: str) -> None:
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").parent = LOG
    try:
        _fail(name)
    except LookupError as error:
        warnings.warn(str(error), stacklevel=1)
    finally:
        logging.getLogger("py.warnings").parent = logging.root
        logging.captureWarnings(False)


def _last_line(name: str) -> None:
    try:
        _fail(name)
    except LookupError as error:
        LOG.error("%s", "".join(traceback.TracebackException.from_exception(error).format_exception_only()))


class _Job:
    def __init__(self) -> None:
        self.errors: list[Exception] = []

    def run(self, name: str) -> None:
        try:
            _fail(name)
        except LookupError as error:
            self.errors.append(error)

    def finish(self) -> None:
        LOG.error("not sent: %s", "; ".join(map(str, self.errors)))


def _kept_by_an_object(name: str) -> None:
    job = _Job()
    job.run(name)
    job.finish()


class _FullError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __str__(self) -> str:
        return f"the mailbox of {self.name} is full"


def _without_arguments(name: str) -> None:
    try:
        raise _FullError(name)
    except _FullError as error:
        LOG.error(f"not sent: {error}")  # noqa: G004


def _first_line(name: str) -> None:
    try:
        jsonschema.validate({"who": name}, {"required": ["mailbox"]})
    except jsonschema.ValidationError as error:
        LOG.error("not sent: %s", error.message)


@pytest.mark.parametrize(
    ("tell", "leaves"),
    [
        (_future, "not sent: no mailbox of {name} here"),
        (_result, "not sent: no mailbox of {name} here"),
        (_joined, "not sent: no mailbox of {name} here {…}"),
        (_one_argument, "no mailbox of {name} here"),
        (_member, "not sent: no mailbox of {name} here"),
        (_joined_members, "not sent: no mailbox of {name} here {…}"),
        (
            _validated,
            "not sent: {…} Input should be a valid integer, unable to parse string as an integer {…}",
        ),
        (_last_line, "{…} no mailbox of {name} here {…}"),
        (_kept_by_an_object, "not sent: no mailbox of {name} here"),
        (_without_arguments, "not sent: the mailbox of {self.name} is full"),
        (_first_line, "not sent: 'mailbox' is a required property"),
    ],
)
def test_an_exception_near_the_log_call_fills_its_place(
    tell: Callable[[str], None], leaves: str, records: list[logging.LogRecord]
) -> None:
    """A log call that quotes an exception which its function holds leaves with that exception's template."""
    tell(NAME)
    assert [log_templates.template_of(record) for record in records] == [leaves]


def test_an_exception_that_the_statement_does_not_mention_proves_nothing(records: list[logging.LogRecord]) -> None:
    """A value that equals the message of an exception which the function holds stays unproven."""

    def tell(note: str) -> None:
        failure = None
        try:
            _fail(NAME)
        except LookupError as error:
            failure = error
        LOG.error(note)
        LOG.error(str(failure))

    tell("ereh iveL anaD fo xobliam on"[::-1])
    told = [log_templates.template_of(record) for record in records]
    assert told == [None, "no mailbox of {name} here"]


def test_a_list_of_exceptions_leaves_as_their_templates(records: list[logging.LogRecord]) -> None:
    """A list that a log call is given leaves as the exceptions in it, with `{…}` for the rest."""
    _listed(NAME)
    told = [log_templates.template_of(record) for record in records]
    assert told == ["not sent: {…} no mailbox of {name} here {…}"] * 2


def test_a_warning_tells_the_exception_that_it_quotes(records: list[logging.LogRecord]) -> None:
    """A warning whose text is an exception's leaves with that exception's template."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        _warned(NAME)
    assert [log_templates.template_of(record) for record in records] == ["UserWarning: no mailbox of {name} here"]


def test_a_trace_near_the_log_call_leaves_as_a_trace(records: list[logging.LogRecord]) -> None:
    """A stack trace that is logged as a text leaves as one, not as the message in it."""
    try:
        _fail(NAME)
    except LookupError as error:
        LOG.error("".join(traceback.format_exception(error)))
    lines = (log_templates.template_of(records[0]) or "").splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "LookupError: no mailbox of {name} here"


def test_a_trace_that_is_told_later_leaves_as_a_trace(records: list[logging.LogRecord]) -> None:
    """A stack trace that is logged after its handler leaves with what its lines prove, and nothing of a value."""
    failure: LookupError | None = None
    try:
        _fail(NAME)
    except LookupError as error:
        failure = error
    trace = "".join(traceback.format_exception(failure))
    LOG.error(trace)
    try:
        raise ValueError
    except ValueError:
        # It ends with everything, as far as its message tells.
        LOG.error("%s", trace)
    for record in records:
        lines = (log_templates.template_of(record) or "").splitlines()
        assert lines[0] == "Traceback (most recent call last):"
        assert lines[-1].startswith("LookupError: ")
        assert NAME not in "".join(lines)


def test_a_message_made_of_exceptions_leaves_as_theirs() -> None:
    """An exception that tells others which its function collected leaves with their templates amid `{…}`."""
    errors: list[Exception] = []

    def refuse() -> None:
        for _ in range(2):
            try:
                _fail(NAME)
            except LookupError as error:
                errors.append(error)
        raise RuntimeError("\n".join(f"{at}: {error}" for at, error in enumerate(errors)))

    with pytest.raises(RuntimeError) as refused:
        refuse()
    assert view(refused.value).message == "{…} no mailbox of {name} here {…}"


def test_few_words_of_an_exception_are_no_quotation() -> None:
    """A value that happens to contain a short message of an exception near by stays unproven."""

    def refuse() -> None:
        try:
            raise ValueError("male")
        except ValueError as error:
            raise RuntimeError("".join([NAME, " is female", str(error)][:2])) from error

    with pytest.raises(RuntimeError) as refused:
        refuse()
    assert view(refused.value).message == "<redacted>"


def test_exceptions_that_hold_each_other_end() -> None:
    """Two exceptions whose frames hold one another, and neither of whose messages is proven, are told once."""
    first: LookupError | None = None
    try:
        raise LookupError("".join([NAME, " of nowhere", " at all"][:2]))
    except LookupError as error:
        first = error
    try:
        raise RuntimeError("".join([str(first), " of", NAME][:2]))
    except RuntimeError as error:
        second = error
    assert view(first).message == view(second).message == "<redacted>"
