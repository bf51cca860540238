"""Messages of exceptions that a class or a library composes leave by what the raising code proves."""

from __future__ import annotations

import argparse
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
import pydantic
import pytest
import sqlalchemy
from botocore.stub import Stubber

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.text import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN = "visits_of_somebody"  # no statement of the source has it
MADE = f"{UNKNOWN}_too"
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


class Booking(pydantic.BaseModel):
    """A model with a check of its own."""

    count: int
    who: str = ""

    @pydantic.field_validator("who")
    @classmethod
    def _named(cls, who: str) -> str:
        if who:
            raise ValueError(f"nobody is called {who}")
        return who


def _message(fail: Callable[[], object]) -> str | None:
    try:
        fail()
    except Exception as exc:
        return view(exc).message
    return pytest.fail("nothing was raised")


def _raise(message: str | None, who: str) -> None:
    raise AppError(message, who)


def test_an_attribute_that_is_printed_amid_values_leaves_without_them() -> None:
    """The attribute's text is the source's, and so are the names of the values around it."""

    def closed() -> None:
        raise AppError(f"the room of {NAME} is taken", NAME)

    assert _message(closed) == "[{self.status}] the room of {NAME} is taken ({self.who})"
    assert _message(lambda: _raise(None, NAME)) == "[{self.status}] something went wrong ({self.who})"
    assert _message(lambda: _raise(NAME, NAME[:4])) == PLACEHOLDER


class FieldsError(Exception):
    """An exception that prints the texts in a container."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems

    def __str__(self) -> str:
        return ", ".join(f"{field}: {text}" for field, text in self.problems.items())


def test_the_texts_in_a_container_that_is_printed_leave_without_its_keys() -> None:
    """What an exception holds in a dictionary leaves as the source's texts, with `{…}` for what surrounds them."""

    def refuse() -> None:
        raise FieldsError({NAME: f"the mast of {NAME} is high", "beam": f"the beam of {NAME} is wide", "hull": NAME})

    told = _message(refuse)
    assert told == "{…} the mast of {NAME} is high {…} the beam of {NAME} is wide {…}"


CLOSED = "closed for the whole season"


def test_a_constant_among_several_arguments_is_a_value() -> None:
    """The first of several arguments is the message; a constant that is named after it leaves as other values do."""

    def refuse() -> None:
        raise LookupError("no room here", CLOSED, NAME, "said at the desk")

    def close() -> None:
        raise LookupError(CLOSED, NAME)

    told = _message(refuse), _message(close)
    assert told == ("('no room here', ?, ?, 'said at the desk')", "('closed for the whole season', ?)")


class Issue(NamedTuple):
    """What is wrong somewhere."""

    where: str
    text: str


class IssuesError(Exception):
    """An exception that prints the texts in a list of tuples."""

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues

    def __str__(self) -> str:
        return "; ".join(f"{issue.where}: {issue.text}" for issue in self.issues)


def test_the_texts_of_tuples_in_a_list_leave() -> None:
    """What an exception holds in the tuples of a list leaves as the source's texts."""

    def refuse() -> None:
        raise IssuesError([Issue(NAME, f"the chaff of {NAME} is wet"), Issue(NAME, NAME)])

    told = _message(refuse)
    assert told == "{…} the chaff of {NAME} is wet {…}"


def test_what_an_exception_said_before_its_arguments_changed_leaves() -> None:
    """A text that is put around an exception's own leaves with what the exception said before."""

    def save(boat: str) -> None:
        try:
            raise LookupError(f"the winch of {boat} is stuck")
        except LookupError as error:
            error.args = (f"{error.args[0]} (while saving)",)
            raise

    # What the running statement says proves as well, so the expected text stands in another one.
    told = _message(lambda: save(NAME))
    assert told == "the winch of {boat} is stuck (while saving)"


@pytest.mark.parametrize(
    ("statement", "leaves"),
    [
        (f"select * from {UNKNOWN}", "no such table: {name}"),
        ("select * from known_by_the_source", "no such table: known_by_the_source"),
        (f"insert into {MADE} values ('a'), ('a')", "UNIQUE constraint failed: {name}"),
        (f"insert into {MADE} values (null)", "NOT NULL constraint failed: {name}"),
        ("select 'Dana", "unrecognized token: {…}"),
    ],
)
def test_what_sqlite_says_leaves_without_what_it_quotes(statement: str, leaves: str) -> None:
    """SQLite's words are those of its source; a table, column or token leaves only as a name of the code."""
    database = sqlite3.connect(":memory:")
    database.execute(f"create table {MADE} (phone text unique not null)")
    try:
        assert _message(lambda: database.execute(statement)) == leaves
    finally:
        database.close()


def test_what_pydantic_says_leaves_without_its_input() -> None:
    """Model, fields and kinds of errors leave, and what the model's own checks say; what was given doesn't."""
    message = _message(lambda: Booking.model_validate({"count": NAME, "who": NAME, NAME: 1}))
    given = "input_value={…}, input_type={…}]"
    assert message == (
        "validation errors for Booking\n"
        "count\n  Input should be a valid integer, unable to parse string as an integer"
        f" [type=int_parsing, {given}\n"
        f"who\n  Value error, nobody is called {{who}} [type=value_error, {given}"
    )


def test_what_sqlalchemy_says_leaves_without_parameters() -> None:
    """The driver's class and words, SQLAlchemy's own page and the statement as on a span leave; no value does."""
    engine = sqlalchemy.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            query = sqlalchemy.text(f"select * from {UNKNOWN} where who = :who")
            message = _message(lambda: connection.execute(query, {"who": NAME}))
    finally:
        engine.dispose()
    assert message is not None
    said, statement, parameters, page = message.split("\n")
    assert said == "(sqlite3.OperationalError) no such table: {name}"
    assert statement.startswith("[SQL: select * from ? where ")
    assert parameters == "[parameters: {…}]"
    assert page.startswith("(Background on this error at: ")
    assert NAME not in message
    assert UNKNOWN not in message


def _s3() -> Any:
    session = botocore.session.get_session()
    session.set_credentials("key", "secret")
    return session.create_client("s3", region_name="eu-west-1")


def _fail_to_get(code: str) -> None:
    client = _s3()
    with Stubber(client) as stub:
        stub.add_client_error("get_object", code, f"no notes of {NAME}")
        client.get_object(Bucket="clinic", Key=NAME)


@pytest.mark.parametrize(
    ("code", "shown"), [("NoSuchKey", "NoSuchKey"), ("AccessDenied", "AccessDenied"), (NAME, "{…}")]
)
def test_an_error_of_aws_leaves_with_its_code_and_operation(code: str, shown: str) -> None:
    """The service's code and the operation that the source calls leave; the service's message, which quotes, stays."""
    leaves = f"An error occurred ({shown}) when calling the GetObject operation"
    assert _message(lambda: _fail_to_get(code)) == leaves


def test_what_botocore_says_itself_leaves_as_its_template() -> None:
    """The formats of botocore's own errors are its source's."""
    message = _message(lambda: _s3().get_object(Bucket="clinic"))
    assert message is not None
    assert message.startswith("Parameter validation failed:")
    assert NAME not in (_message(lambda: _s3().get_object(Bucket=NAME, Key="x", Clue=NAME)) or "")


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError, ValueError])
def test_an_exception_whose_text_raises_is_told_by_its_type(raised: type[BaseException]) -> None:
    """Whatever `__str__` and `__repr__` raise, the call that logs or records the exception goes on; no text leaves."""

    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise raised(NAME)

        __repr__ = __str__

    outer = LookupError(NAME)
    outer.__cause__ = UnprintableError(NAME)
    for exc in (UnprintableError(NAME), outer, ExceptionGroup("several", [UnprintableError(NAME)])):
        seen = view(exc)
        assert seen.type
        assert NAME not in repr(seen)
    assert view(UnprintableError(NAME)).message == PLACEHOLDER


class _Proxy:
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise LookupError(NAME)


class _Empty:
    __dict__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("held", [_Proxy(), _Empty()], ids=["raises", "none"])
def test_an_object_that_answers_for_its_attributes_is_not_asked(held: Any) -> None:
    """An object beside the exception may be a proxy: none of its code runs, and the message is proven all the same."""

    def fail() -> None:
        missing = held.error if held is None else "slot"
        raise LookupError(f"no {missing} for {NAME}")

    assert _message(fail) == "no {missing} for {NAME}"


def test_an_argument_s_error_tells_which_argument_and_type() -> None:
    """The names that the source gives to arguments and types leave; one that is made of data doesn't."""

    def dated(_text: str) -> str:
        raise argparse.ArgumentTypeError(f"not the date of {NAME}")

    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("-p", "--patient-id", type=int)
    parser.add_argument("--born", type=dated)
    parser.add_argument(f"--{MADE}", type=int)
    left = _message(lambda: parser.parse_args(["-p", NAME]))
    assert left == "argument -p/--patient-id: invalid int value: %(value)r"
    left = _message(lambda: parser.parse_args(["--born", NAME]))
    assert left == "argument --born: not the date of {NAME}"
    left = _message(lambda: parser.parse_args([f"--{MADE}", NAME]))
    assert left == "argument {…}: invalid int value: %(value)r"
