# ruff: noqa: UP031 - the old forms are what is tested
"""Values that the source itself tells leave in their template: conditional words, names of classes, joined pieces."""

from __future__ import annotations

import contextlib
import enum
import gettext
import string
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = [bytes.fromhex("44616e61204c657669").decode(), "305123456", "dana@example.org"]
LETTER = string.Template("the letter for $who left at $when")
_ = gettext.gettext


class Mood(str, enum.Enum):  # noqa: UP042 - the old mixture is what is tested
    LATE = "came too late"


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source."""
    return str(request.param)


@pytest.mark.parametrize("urgent", [True, False])
def test_a_conditional_word_stands_in_the_template(name: str, urgent: bool) -> None:
    """A conditional of two literals leaves as the one that was made; one with a value leaves as its hole."""
    word = "soon" if urgent else "later"
    assert _left(f"to be called {'soon' if urgent else 'later'}: {name}") == f"to be called {word}: {{name}}"
    assert _left("{} to be told {}".format(name, "soon" if urgent else "later")) == f"{{name}} to be told {word}"
    assert _left("%s to be asked %s" % (name, "soon" if urgent else "later")) == f"{{name}} to be asked {word}"
    left = _left(f"to be named {name if urgent else 'nobody'} today")
    assert left == f"to be named {'{…}' if urgent else 'nobody'} today"


def test_a_class_name_stands_in_the_template(name: str) -> None:
    """`type(error).__name__` and the like leave as the name, of one class after the other at the same place."""
    for error in (KeyError(name), ValueError(name), contextlib.ExitStack(), KeyError(name)):
        told = type(error).__name__
        assert _left(f"{type(error).__name__} while calling {name}") == f"{told} while calling {{name}}"
        assert _left(f"{error.__class__.__qualname__} after calling {name}") == f"{told} after calling {{name}}"
    assert _left(f"{Mood.__name__} of {name}") == "Mood of {name}"


def test_a_value_beside_a_class_name_is_none() -> None:
    """Where a value may be taken for the name of a class, neither is told; before the first value the name is."""
    mood, called = Mood.LATE, KeyError("x")
    for who in ("Dana", "a -> Mood; b", "KeyError -> Mood; ", "; KeyError"):
        left = _left(f"by {who} -> {type(mood).__name__}; {who} at the desk")
        told = "{type(mood).__name__}" if ";" in who else "Mood"
        assert left == f"by {{who}} -> {told}; {{who}} at the desk"
        left = _left(f"desk: {type(called).__name__}-{who}-{who} at the desk")
        assert left == "desk: KeyError-{who}-{who} at the desk"


def test_a_class_made_of_a_value_tells_no_name(name: str) -> None:
    """A name that was given to a class at run time, or to an object that claims one, stays."""

    class Renamed:
        pass

    class Claiming:
        def __init__(self) -> None:
            self.__name__ = name

    Renamed.__name__ = name
    made: list[Any] = [type(name, (), {})(), Renamed()]
    for error in made:
        assert _left(f"{type(error).__name__} while naming {name}") == "{type(error).__name__} while naming {name}"
    error = Claiming()
    assert _left(f"{error.__name__} is what {name} claims") == "{error.__name__} is what {name} claims"


def test_a_template_of_the_module_is_filled(name: str) -> None:
    """`string.Template` at module level leaves as its source; a template that is a value proves nothing."""
    assert _left(LETTER.substitute(who=name, when="noon")) == "the letter for {name} left at {…}"
    assert _left(LETTER.safe_substitute({"who": name})) == "the letter for {name} left at {when}"
    assert _left(string.Template(f"{name} $who").safe_substitute(who=name)) is None


def test_a_translated_literal_is_filled(name: str) -> None:
    """A literal that `gettext` returns as it is composes like one; what it returns of a value doesn't."""
    assert _left(_("not found today: %(who)s") % {"who": name}) == "not found today: {name}"
    assert _left(gettext.ngettext("one call for {}", "{} calls for {}", 1).format(name)) == "one call for {name}"
    assert _left(_(name)) is None


def test_pieces_that_a_name_holds_are_joined(name: str) -> None:
    """A tuple, `map(str, …)` and a list that a loop fills are joined as they are written."""
    parts = ("called", name, "again and again")
    assert _left(" ".join(parts)) == "called {name} again and again"
    assert _left(" ".join(map(str, ["counted", name, "twice over"]))) == "counted {name} twice over"
    lines = []
    for index in range(3):
        lines.append(f"line {index} has no room for {name}")  # noqa: PERF401
    assert _left("; ".join(lines)) == "line {index} has no room for {name}{…}"
    given = [name, name]
    assert _left(" ".join(given)) is None


@contextlib.contextmanager
def _part(what: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise LookupError(f"{what} has no entry for {error}") from error


def test_a_with_statement_gives_its_literal(name: str) -> None:
    """What a context manager was given as a literal stands in what it raises; a value stays a hole."""
    with pytest.raises(LookupError) as caught, _part("register"):
        raise KeyError(name)
    assert view(caught.value).message == "register has no entry for {error}"
    with pytest.raises(LookupError) as caught, _part(name):
        raise KeyError(name)
    assert view(caught.value).message == "{what} has no entry for {error}"


def _read(name: str) -> None:
    try:
        open(f"/nonexistent/{name}")  # noqa: PTH123, SIM115
    except OSError as error:
        raise RuntimeError(f"no menu today: {error.strerror}") from error


def _refuse(name: str) -> None:
    try:
        raise OSError(2, name)
    except OSError as error:
        raise RuntimeError(f"no menu again: {error.strerror}") from error


def _give(*args: object) -> None:
    try:
        raise RuntimeError("no coin at all")
    except RuntimeError as error:
        error.args = args
        raise


def _give_anew(name: str) -> None:
    try:
        raise RuntimeError(name)
    except RuntimeError as error:
        error.args = (f"no coin for {name}", *error.args[1:])
        raise


def _message(fails: Callable[[str], None], name: str) -> str | None:
    with pytest.raises(RuntimeError) as caught:
        fails(name)
    return view(caught.value).message


def test_an_attribute_of_the_quoted_exception_is_filled(name: str) -> None:
    """`error.strerror` leaves if it is the system's own text, and stays if it is a value."""
    assert _message(_read, name) == "no menu today: No such file or directory"
    assert _message(_refuse, name) == "no menu again: {error.strerror}"


def test_arguments_that_an_exception_is_given_anew_are_told(name: str) -> None:
    """`error.args = (f"…",)` leaves as what the function composes there; a value that is assigned stays."""
    assert _message(_give_anew, name) == "no coin for {name}"
    assert _message(_give, name) == "<redacted>"
