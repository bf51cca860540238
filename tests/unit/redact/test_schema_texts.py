"""Messages of validation libraries tell the limits and choices that the source declares, and nothing of the data."""

from __future__ import annotations

import argparse
from enum import Enum
from typing import Annotated, Any, Literal

import attrs
import click
import jsonschema
import marshmallow
import pydantic
import pytest
from pydantic.alias_generators import to_camel

from pazpaz_otel.redact.exceptions import view

NAME = bytes.fromhex("44616e61204c657669").decode()
LONG = 305_123_400 + 56


class Speed(Enum):
    SLOW = "slow"
    FAST = "fast"


class Parcel(pydantic.BaseModel):
    kind: Literal["small", "large"] = "small"
    weight: float = pydantic.Field(1, gt=0, le=20)
    label: str = pydantic.Field("abcd", min_length=4, max_length=8)
    code: str = pydantic.Field("AB1", pattern=r"^[A-Z]{2}\d$")
    speed: Speed = Speed.SLOW
    tags: list[str] = pydantic.Field(default_factory=list, max_length=2)
    day: Annotated[str, pydantic.Field(max_length=1)] = ""


FROM_ROWS = NAME.replace(" ", "_").lower()
Filled = pydantic.create_model("Filled", **{FROM_ROWS: (int, ...), "room": (int, ...)})
Aliased = pydantic.create_model(
    "Aliased", room=(int, pydantic.Field(alias=NAME)), bed=(int, pydantic.Field(alias="bed-number"))
)


class Camel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=to_camel)

    first_room: int


class Named(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=lambda _: NAME)

    first_room: int


class Cat(pydantic.BaseModel):
    animal: Literal["cat"]


class Dog(pydantic.BaseModel):
    animal: Literal["dog"]


class Pet(pydantic.BaseModel):
    pet: Annotated[Cat | Dog, pydantic.Field(discriminator="animal")]


@attrs.define
class Box:
    colour: str = attrs.field(validator=attrs.validators.in_(["red", "blue"]))


class Row(marshmallow.Schema):
    size = marshmallow.fields.Str(validate=marshmallow.validate.OneOf(["small", "large"]))


def _told(fails: Any) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each library has its own
        fails()
    told = view(caught.value).message or ""
    assert NAME not in told
    assert str(LONG) not in told
    return told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": NAME}, "Input should be 'small' or 'large' [type=literal_error"),
        ({"weight": LONG}, "Input should be less than or equal to 20 [type"),
        ({"weight": -LONG}, "Input should be greater than 0 [type"),
        ({"label": NAME}, "String should have at most 8 characters [type"),
        ({"label": "x"}, "String should have at least 4 characters [type"),
        ({"day": NAME}, "String should have at most 1 character [type"),
        ({"code": NAME}, r"String should match pattern '^[A-Z]{2}\d$' [type"),
        ({"tags": [NAME] * 3}, "List should have at most 2 items after validation, not {actual_length} [type"),
        ({"speed": NAME}, "Input should be 'slow' or 'fast' [type"),
    ],
)
def test_pydantic_tells_the_limits_of_a_model(given: dict[str, Any], told: str) -> None:
    """What a model's source declares stands in the message."""
    assert told in _told(lambda: Parcel(**given))


def test_pydantic_tells_no_limit_made_of_a_value() -> None:
    """A limit that isn't a literal of the source stays a hole, and so does a tag of the data that equals a literal."""
    choices = pydantic.create_model("Parcel", kind=(Literal[NAME, "small"], ...))
    assert "Input should be {expected} [type" in _told(lambda: choices(kind="other"))
    limited = pydantic.create_model("Parcel", weight=(Annotated[int, pydantic.Field(le=LONG)], ...))
    assert "less than or equal to {le} [type" in _told(lambda: limited(weight=LONG + 1))
    told = _told(lambda: Pet(pet={"animal": "blue"}))
    assert "Input tag '{tag}' found using 'animal' does not match any of the expected tags: 'cat', 'dog'" in told


@pytest.mark.parametrize(
    ("model", "places"),
    [
        (Filled, ["{…}", "room"]),
        (Aliased, ["{…}", "bed-number"]),
        (Camel, ["firstRoom"]),
        (Named, ["{…}"]),
    ],
)
def test_pydantic_tells_no_field_that_data_named(model: type[pydantic.BaseModel], places: list[str]) -> None:
    """A form's fields, made of rows, are holes; the source's own names and what is generated from them leave."""
    told = _told(lambda: model(**{NAME: "x", FROM_ROWS: "x"}))
    assert FROM_ROWS not in told
    assert told.split("\n")[1::2] == places


def test_pydantic_tells_no_name_that_a_model_was_given() -> None:
    """A title that is the name which data gave to a model afterwards doesn't leave."""
    titled = pydantic.create_model(NAME, room=(int, ...))
    Cat.__name__ = NAME
    try:
        told = _told(lambda: titled(room="x"))
    finally:
        Cat.__name__ = "Cat"
    assert told.startswith("1 validation error for {…}\n")


def test_pydantic_tells_why_a_date_is_none() -> None:
    """The words of its parser of dates leave; other reasons quote the data."""
    born = pydantic.create_model("Parcel", born=(__import__("datetime").date, ...))
    assert "Input should be a valid date or datetime, invalid character in year" in _told(lambda: born(born="x" * 10))
    key = pydantic.create_model("Parcel", key=(__import__("uuid").UUID, ...))
    assert "Input should be a valid UUID, {error}" in _told(lambda: key(key=NAME))


@pytest.mark.parametrize(
    ("instance", "schema", "told"),
    [
        (NAME, {"type": "integer"}, "{…} is not of type 'integer'"),
        (NAME, {"type": ["integer", "null"]}, "{…} is not of type 'integer', 'null'"),
        (NAME, {"enum": ["small", "large"]}, "{…} is not one of ['small', 'large']"),
        (NAME, {"enum": [NAME + "x", "large"]}, "{…} is not one of {…}"),
        (NAME, {"pattern": "^[0-9]{11}$"}, "{…} does not match '^[0-9]{11}$'"),
        (NAME, {"pattern": f"^{NAME}x$"}, "{…} does not match {…}"),
        (LONG, {"maximum": 20}, "{…} is greater than the maximum of 20"),
        (LONG, {"maximum": LONG - 1}, "{…} is greater than the maximum of {…}"),
        (NAME, {"maxLength": 2}, "{…} is too long"),
        ({}, {"required": ["consent"]}, "'consent' is a required property"),
        ({}, {"required": [NAME]}, "{…} is a required property"),
        ({NAME: 1}, {"additionalProperties": False}, "Additional properties are not allowed ({…} unexpected)"),
    ],
)
def test_jsonschema_tells_what_the_schema_asks_for(instance: object, schema: dict[str, Any], told: str) -> None:
    """The keyword's words leave, and the schema's value if the source has it."""
    keyword = next(iter(schema))
    assert _told(lambda: jsonschema.validate(instance, schema)) == (
        f"{told}\n\nFailed validating {keyword!r} in schema{{…}}\n\nOn instance{{…}}"
    )


def test_choices_of_the_source_are_told() -> None:
    """The choices of marshmallow, click, argparse and attrs leave if each is a literal of the source."""
    assert "Must be one of: small, large." in _told(lambda: Row().load({"size": NAME}))
    assert " is not one of 'small', 'large'." in _told(
        lambda: click.Choice(["small", "large"]).convert(NAME, None, None)
    )
    assert "{choices_str}" in _told(lambda: click.Choice([f"{NAME}x", "large"]).convert(NAME, None, None))
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--size", choices=["small", "large"])
    parser.add_argument("--who", choices=[f"{NAME}x", "large"])
    assert "(choose from " in _told(lambda: parser.parse_args(["--size", NAME]))
    assert "large" not in _told(lambda: parser.parse_args(["--who", NAME]))
    assert "must be in ['red', 'blue']" in _told(lambda: Box(NAME))
