"""Messages that a validation library's classes declare: they leave by their class's source, and no value does."""

from __future__ import annotations

import itertools
from typing import Any

import marshmallow
import pytest
from marshmallow import fields, validate

from pazpaz_otel.redact.exceptions import view

NAME = bytes.fromhex("44616e61204c657669").decode()
LABELS = {NAME: "the label of one diagnosis"}


def _fail(text: str) -> None:
    raise marshmallow.ValidationError(text)


class _Number(fields.Field[str]):
    default_error_messages = {"checksum": "{value} has a wrong check digit"}  # noqa: RUF012  # as in the library

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        raise self.make_error("checksum", value=value)


class _ClosedError(marshmallow.ValidationError):
    message = "closed for low mood"


class _Code(fields.Field[str]):
    default_error_messages = {  # noqa: RUF012  # as in the library
        "f32": "seen for low mood",
        "f40": "seen for fears",
        "null": "a code has three signs",
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        raise self.make_error(value)


class _Kind(_Code):
    default_error_messages = dict(  # noqa: C408 - another form of a table
        f32="kept for low mood", f40="kept for fears", null="a kind has three signs"
    ) | {"f41": "kept for grief"}


class _Place(fields.Field[str]):
    messages = ["placed for low mood", "placed for fears"]  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        raise marshmallow.ValidationError(self.messages[value == "f40"])


class _Told(fields.Field[str]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        raise self.make_error(value)


class _Contact(marshmallow.Schema):
    told = _Told(error_messages={"f32": "told for low mood", "f40": "told for fears", "null": "nothing was told"})
    kind = _Kind()
    place = _Place()
    code = _Code()
    age = fields.Int(error_messages={"invalid": "an age is a whole number"})
    email = fields.Str(validate=validate.Regexp(r".*@clinic$", error="{input} is not a staff address"))
    number = _Number()
    seat = fields.Str()
    label = fields.Str(validate=lambda text: _fail(LABELS[text]))
    other = fields.Str(validate=_fail)

    @marshmallow.validates("seat")
    def is_free(self, value: str, **_: Any) -> None:
        """Raise a message of its own; `ValidationError` is raised again where no frame shows this method."""
        raise marshmallow.ValidationError(f"seat {value} is taken")


class _Detail(str):
    """A message with a code, as Django REST framework's `ErrorDetail`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"_Detail({NAME!r})"


class _DetailError(Exception):
    """Prints a list that its messages were put into, as Django REST framework's exceptions do."""

    def __init__(self, *messages: str) -> None:
        self.detail = type("_Errors", (list,), {})(map(_Detail, messages))

    def __str__(self) -> str:
        return str(self.detail)


class _SeveralError(Exception):
    """Prints a dictionary of messages, as Django's `ValidationError` does."""

    def __init__(self, messages: dict[str, list[str]]) -> None:
        super().__init__(messages, None, None)
        self.message_dict = messages

    def __str__(self) -> str:
        return repr(self.message_dict)


def _message(given: dict[str, Any]) -> str | None:
    try:
        _Contact().load(given)
    except marshmallow.ValidationError as error:
        return view(error).message
    return None


def test_a_message_of_another_error_is_not_proven():
    """Data may have picked the class."""
    name = next(name for name in vars(_ClosedError) if not name.startswith("_"))
    with pytest.raises(marshmallow.ValidationError) as caught:
        _fail(vars(_ClosedError)[name])
    assert "mood" not in (view(caught.value).message or "")


def test_a_message_that_data_picks_is_not_proven():
    """A key that no function names comes from the data; one that the library's own class has is the library's."""
    for name, code in [*itertools.product(("code", "kind", "place", "told"), ("f32", "f40")), ("kind", "f41")]:
        message = _message({name: code})
        assert message is not None
        assert " for " not in message
    assert "a code has three signs" in str(_message({"code": "lnull"[1:]}))
    assert "nothing was told" in str(_message({"told": "lnull"[1:]}))
    assert "a kind has three signs" in str(_message({"kind": "lnull"[1:]}))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"age": NAME}, "{'age': ['an age is a whole number']}"),
        ({"email": NAME}, "{'email': ['{input} is not a staff address']}"),
        ({"number": NAME}, "{'number': ['{value} has a wrong check digit']}"),
        ({NAME: NAME}, "{{…}: ['Unknown field.']}"),
        ({"seat": NAME}, "{'seat': ['seat {value} is taken']}"),
    ],
)
def test_a_declared_message_leaves_with_its_field(given: dict[str, Any], left: str) -> None:
    """A field's, a validator's and the library's own messages leave as they are declared; a key of data doesn't."""
    assert _message(given) == left


@pytest.mark.parametrize("field", ["label", "other"])
def test_a_message_that_is_data_or_chosen_by_data_stays(field: str) -> None:
    """A class declares neither what a table gives for a value nor the value itself."""
    assert _message({field: NAME}) in {None, "<redacted>"}


def test_a_derived_list_of_derived_texts_leaves_by_its_literals() -> None:
    """Classes that libraries derive from `list` and `str` are judged by the texts in them, not by their printing."""
    with pytest.raises(_DetailError) as caught:
        raise _DetailError("the mailbox is taken", NAME)
    assert view(caught.value).message == "['the mailbox is taken', {…}]"


def test_a_dictionary_of_messages_leaves_by_its_literals() -> None:
    """An exception that prints a dictionary tells each message that the raising statement composes."""
    with pytest.raises(_SeveralError) as caught:
        raise _SeveralError({"email": [f"mailbox {NAME} is taken", NAME]})
    assert view(caught.value).message == "{'email': ['mailbox {NAME} is taken', {…}]}"
