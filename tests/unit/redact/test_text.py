"""Provenance of text: what the running statement holds leaves, nothing else does."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.messages import Messages
from pazpaz_otel.redact.text import is_proven, prove

ELSEWHERE = "a module constant that no statement below refers to"


def _made(*parts: str) -> str:
    """A text that no statement holds whole."""
    return "".join(parts)


NAME = _made("Dana ", "Levi-Abramov")


@pytest.fixture(autouse=True)
def _forget():
    text._proven.clear()


def prove_raise(exc: BaseException, messages: Messages | None = None) -> str | None:
    return judge_message(exc, sys._getframe(1), messages or Messages()).text


def _helper(message: str) -> bool:
    return prove(message)


def _default(message: str = "a default argument, not at the call") -> bool:
    return prove(message)


@contextmanager
def _span(name: str):
    yield prove(name)


def test_a_literal_at_the_call_is_proven():
    """A literal in the running statement leaves."""
    assert prove("note saved")


def test_implicit_concatenation_and_folded_sums_are_one_constant():
    """Literals that the compiler joins are proven as the joined text."""
    implicit = prove("note saved for a client")
    added = prove(
        "note saved in " + "two halves",
    )
    plain_f_string = prove(f"note saved without a value")  # noqa: F541
    assert (implicit, added, plain_f_string) == (True, True, True)


def test_a_conditional_expression_proves_both_its_texts():
    """Either arm of a conditional expression is in the statement."""
    for flag in (True, False):
        assert prove("saved the note" if flag else "dropped the note")


def test_a_helper_may_pass_a_text_on():
    """A constant at the call of a helper is proven inside the helper."""
    assert _helper("passed on by a helper")


def test_a_with_item_is_proven_on_entry():
    """The text of a `with` header is proven while its context manager starts."""
    with _span("load the calendar") as proven:
        assert proven


def test_the_body_of_a_compound_statement_proves_nothing_for_its_header():
    """A constant in the body of a `with`, `if` or `for` isn't in the header's statement."""
    made = "".join(reversed(["the body", "only in "]))
    with _span(made) as proven:
        _ = "only in the body"
    assert not proven
    if prove(made):
        _ = "only in the body"
        pytest.fail("the body of an `if` proved its header's text")


def test_a_coroutine_is_proven_by_the_statement_that_awaits_it():
    """Provenance follows awaited calls."""

    async def inner(name: str) -> bool:
        await asyncio.sleep(0)
        return prove(name)

    async def outer() -> bool:
        return await inner("awaited with a literal")

    assert asyncio.run(outer())


def test_what_is_made_from_a_variable_is_refused():
    """F-strings, %-formatting, format() and sums with a variable are not constants."""
    assert not prove(f"bad patient {NAME}")
    assert not prove("bad patient %s" % NAME)  # noqa: UP031
    assert not prove("bad patient {}".format(NAME))  # noqa: UP032
    assert not prove("bad patient " + NAME)
    assert not prove(NAME)


def test_the_pieces_of_an_f_string_prove_nothing():
    """A text equal to a piece of an f-string, or of its format, is refused."""
    piece = _made("bad ", "patient ")
    refused = (prove(piece), f"bad patient {NAME}")
    width = _made("12", "3")
    refused += (prove(width), f"{NAME:123}")
    assert refused[0::2] == (False, False)


def test_constants_elsewhere_in_the_file_are_refused():
    """A module constant that the statement doesn't refer to proves nothing."""
    assert not prove(_made("a module constant that no statement ", "below refers to"))


def test_generated_code_proves_nothing():
    """Code without a file may have had data compiled into it."""
    scope = {"prove": prove}
    exec(f"result = prove({NAME!r})", scope)
    assert scope["result"] is False
    exec(compile(f"result = prove({NAME!r})", __file__, "exec"), scope)
    assert scope["result"] is False


def test_a_proven_text_stays_proven_and_a_refused_one_is_not_kept():
    """What was proven is remembered; what wasn't is not held in memory."""
    prove("remember this one")
    prove(NAME)
    assert is_proven(_made("remember ", "this one"))
    assert not is_proven(NAME)
    assert list(text._proven) == ["remember this one"]


def test_an_exception_without_words_says_nothing_of_other_texts():
    """After one was judged, a text that is proven still leaves as it is, and one that isn't is still refused."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        raise ValueError
    assert prove_raise(caught.value) == ""
    assert prove("a text of this very statement")
    assert text.judge(NAME, text.Running(sys._getframe())).text is None


def test_what_is_remembered_is_bounded(monkeypatch):
    """Neither many nor long texts fill the memory."""
    monkeypatch.setattr(text._proven, "limit", 3)
    assert all([prove("one1"), prove("two2"), prove("three3"), prove("four4"), prove("five5"), prove("six6")])
    assert len(text._proven) == 3
    assert not prove("x" * 5000)


def test_values_that_are_not_plain_strings_are_refused():
    """A subclass of str may compare as it likes."""

    class Liar(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    assert not prove(Liar("note saved"))
    assert not is_proven(Liar("note saved"))
    assert not prove(None)
    assert not prove(["note saved"])


def _caught(call) -> BaseException:
    try:
        call()
    except BaseException as exc:
        return exc
    raise AssertionError


def _fail(message: str) -> None:
    raise ValueError(message)


class HTTPError(Exception):
    def __init__(self, status_code: int, detail: str) -> None:
        self.status_code, self.detail = status_code, detail

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"


def test_a_raise_with_a_literal_keeps_its_message():
    """The message leaves if the raise statement holds it, or the call of a helper that raises."""

    def direct() -> None:
        raise ValueError("Clinic is closed")

    def through_a_helper() -> None:
        _fail("Clinic is closed today")

    def caught_by_a_helper(message: str) -> str | None:
        return prove_raise(_caught(lambda: _fail(message)))

    assert prove_raise(_caught(direct)) == "Clinic is closed"
    assert prove_raise(_caught(through_a_helper)) == "Clinic is closed today"
    assert caught_by_a_helper("told by the caller of who caught it") == "told by the caller of who caught it"


def test_a_raise_with_a_value_loses_its_message():
    """Values and messages made elsewhere don't leave; a message of Python's own leaves without what it quotes."""

    def later(made: ValueError) -> None:
        raise made

    assert prove_raise(_caught(lambda: _fail(NAME))) is None
    assert prove_raise(_caught(lambda: int(NAME))) == "invalid literal for int() with base 10: {…}"
    made = [ValueError("made in another statement")]
    assert prove_raise(_caught(lambda: later(made.pop()))) is None


def test_composed_messages_leave_by_their_parts():
    """HTTP errors, KeyError and several arguments: the proven parts leave, the others are `?`."""

    def http() -> None:
        raise HTTPError(404, "Client not found")

    def http_default() -> None:
        raise HTTPError(404, _made("Not ", "Found"))

    def http_value() -> None:
        raise HTTPError(404, NAME)

    def key() -> None:
        raise KeyError("no such setting")

    def several() -> None:
        raise ValueError("client missing", NAME, 123456789)

    def missing_file() -> None:
        open(f"/{NAME}.txt")  # noqa: PTH123, SIM115

    assert prove_raise(_caught(http)) == "404: Client not found"
    assert prove_raise(_caught(http_default)) == "404: Not Found"
    assert prove_raise(_caught(http_value)) is None
    assert prove_raise(_caught(key)) == "'no such setting'"
    assert prove_raise(_caught(several)) == "('client missing', ?, ?)"
    assert prove_raise(_caught(missing_file)) == "[Errno 2] No such file or directory: '{…}'"


def test_an_exception_that_was_never_raised_is_proven_where_it_is_recorded():
    """Recording a new exception in the statement that makes it keeps its message."""
    assert prove_raise(ValueError("recorded, not raised")) == "recorded, not raised"
    assert prove_raise(ValueError(NAME)) is None


def test_an_exception_whose_text_raises_is_refused():
    """A broken __str__ is a no, not an error."""

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert prove_raise(BrokenError()) is None


def test_policy_messages_leave_as_their_template():
    """What the placeholders stood for stays here."""
    messages = Messages(["Clinic is closed on {weekday}", "{who} left {where}, {{really}}", "Full"])
    match_message = messages.match
    assert match_message(f"Clinic is closed on {NAME}") == "Clinic is closed on {weekday}"
    assert match_message(f"{NAME} left home, {{really}}") == "{who} left {where}, {{really}}"
    assert match_message(f"Clinic is open on {NAME}") is None
    assert match_message("Clinic is closed on ") is None
    assert match_message(_made("Fu", "ll")) == "Full"
    assert prove_raise(_caught(lambda: _fail(_made("Clinic is closed on ", NAME))), messages) == (
        "Clinic is closed on {weekday}"
    )


def test_matching_a_message_takes_linear_time():
    """Many placeholders over a long text are matched in one pass."""
    template = "{a}x" * 200 + "y{end}"
    messages = Messages([template])
    assert messages.match("x" * 4096) is None
    assert messages.match("ax" * 201 + "y.") == template
