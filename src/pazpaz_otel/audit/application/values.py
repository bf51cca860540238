"""Generate values that a JSON Schema accepts, with a planted text wherever possible.

Covers what OpenAPI 3.1 documents of real frameworks hold: JSON Schema 2020-12 without conditionals and `$dynamicRef`.
A pattern needs `hypothesis`, which the extra `audit` installs; without it the candidates are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from pazpaz_otel.audit.canaries import VARIANTS

_DEEPEST: Final = 6
_FORMATS: Final = {
    "uuid": "3f2b1c4d-5e6f-4a7b-8c9d-0b3456789abc",
    "date": "2031-04-05",
    "date-time": "2031-04-05T10:20:30Z",
    "time": "10:20:30",
    "duration": "PT1H",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uri": "https://localhost/",
    "hostname": "localhost",
    "byte": "eA==",
}
_PLAIN: Final = "plain"
_PIECE_OF_PATTERN: Final = re.compile(r"[\w .:/@+-]+")
_FREE: Final = "note"
"""The extra property to plant if a schema allows any property."""


class NoValueError(ValueError):
    """No acceptable value could be found for a schema."""


class Values:
    """Generate values for one document's schemas."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._formats = FormatChecker()

    def make(self, schema: Mapping[str, Any] | bool, text: str) -> Any:
        """Return a value that `schema` accepts, with `text` in it wherever possible.

        Raises:
            NoValueError: none was found.
        """
        return self._make(schema, text, 0)

    def files(self, schema: Mapping[str, Any] | bool) -> set[str]:
        """Return the names of the properties that are files or lists of files."""
        found = set()
        with suppress(NoValueError):
            for name, inner in self.resolve(schema).get("properties", {}).items():
                one = self.resolve(inner)
                one = self.resolve(one.get("items", one))
                if one.get("format") == "binary" or "contentMediaType" in one:
                    found.add(name)
        return found

    def resolve(self, schema: Mapping[str, Any] | bool) -> Mapping[str, Any]:
        """Return the schema that a chain of references leads to.

        Raises:
            NoValueError: a reference leads nowhere.
        """
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if reference is None:
                return schema
            found: Any = self._document
            for part in str(reference).removeprefix("#/").split("/"):
                found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
            if found is None:
                raise NoValueError(f"{reference} leads nowhere")
            schema = found
        raise NoValueError("references that lead in a circle")

    def _make(self, schema: Any, text: str, depth: int) -> Any:
        schema = self.resolve(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if schema.get("allOf"):
            return self._make(_merged([self.resolve(part) for part in schema["allOf"]], schema), text, depth)
        for choice in ("anyOf", "oneOf"):
            if schema.get(choice):
                return self._one_of(schema[choice], text, depth)
        kinds = schema.get("type", _guessed(schema))
        kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
        return {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": _number,
            "number": _number,
            "boolean": lambda *_: True,
            "null": lambda *_: None,
        }[kind](schema, text, depth)

    def _one_of(self, choices: list[Any], text: str, depth: int) -> Any:
        # An alternative that accepts text is more useful than a number or null.
        ranked = sorted(choices, key=lambda choice: _dullness(self.resolve(choice)))
        for choice in ranked:
            with suppress(NoValueError):
                return self._make(choice, text, depth)
        raise NoValueError("no choice of the schema has a value")

    def _object(self, schema: Mapping[str, Any], text: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        required = set(schema.get("required", ()))
        for name, inner in schema.get("properties", {}).items():
            if name in required:
                made[name] = self._make(inner, text, depth + 1)
            elif depth < _DEEPEST:
                with suppress(NoValueError):
                    made[name] = self._make(inner, text, depth + 1)
        more = schema.get("additionalProperties", True)
        if more is not False:
            made[_FREE] = text if more is True else self._make(more, text, depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], text: str, depth: int) -> list[Any]:
        fixed = [self._make(inner, text, depth + 1) for inner in schema.get("prefixItems", ())]
        least = max(int(schema.get("minItems", 0)), 1 if depth < _DEEPEST and schema.get("maxItems") != 0 else 0)
        inner = schema.get("items", True)
        return fixed + [self._make(inner, text, depth + 1) for _ in range(least - len(fixed)) if inner is not False]

    def _string(self, schema: Mapping[str, Any], text: str, _: int) -> str:
        for candidate in _candidates(schema, text):
            # An application may accept less than its schema: a bare text is therefore replaced by a common value.
            with suppress(ValidationError):
                Draft202012Validator(schema, format_checker=self._formats).validate(candidate)
                return candidate
        raise NoValueError(f"no text found for {sorted(schema.keys() & {'pattern', 'format', 'minLength'})}")


def _candidates(schema: Mapping[str, Any], text: str) -> Iterator[str]:
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 65536))
    known = schema.get("format")
    name = VARIANTS["identifier"](text).encode("ascii", "ignore").decode().strip("_") or "patient"
    fitted = (text * (least // max(len(text), 1) + 1) if len(text) < least else text)[:most]
    if known == "email":
        yield f"{name[:48]}@{name[:48].replace('_', '-')}.example.org"
    elif known == "uri":
        yield f"https://{name[:48].replace('_', '-')}.example.org/{name[:48]}"
    elif known not in _FORMATS:
        yield fitted
        yield from _named(schema)
        yield name[: min(most, 64)]
        yield "".join(character for character in text if character.isdigit())[:most]
    else:
        yield fitted
        yield from _named(schema)
        yield _FORMATS[known]
    for plain in (_PLAIN, "A", "1", "12345", "+972501234567", "0501234567", "#00aaff", "en", "blue-room"):
        if least <= len(plain) <= most:
            yield plain
    if schema.get("pattern"):
        # A pattern that allows one or a few texts often lists them.
        yield from _PIECE_OF_PATTERN.findall(str(schema["pattern"]))
        yield from _matching(str(schema["pattern"]))


def _named(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts in a schema itself, which its author knows to be accepted."""
    for one in (*schema.get("examples", ()), schema.get("example"), schema.get("default")):
        if isinstance(one, str):
            yield one


@lru_cache(maxsize=256)
def _matching(pattern: str) -> tuple[str, ...]:
    try:
        from hypothesis import HealthCheck, Phase, find, settings  # noqa: PLC0415 - the extra `audit` installs it
        from hypothesis.strategies import from_regex  # noqa: PLC0415
    except ImportError:
        return ()
    quiet = settings(database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    with suppress(Exception):
        return (find(from_regex(re.compile(pattern)), lambda _: True, settings=quiet),)
    return ()


def _number(schema: Mapping[str, Any], text: str, _: int) -> float:
    whole = schema.get("type") != "number"
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(schema.get("exclusiveMinimum"), (int, float)):
        low = schema["exclusiveMinimum"] + (1 if whole else 0.5)
    if isinstance(schema.get("exclusiveMaximum"), (int, float)):
        high = schema["exclusiveMaximum"] - (1 if whole else 0.5)
    digits = "".join(character for character in text if character.isdigit())
    planted = int(digits[:9]) if len(digits) >= 9 else None  # noqa: PLR2004 - as long as a person's id
    for candidate in (planted, 1, low, high):
        if candidate is not None and (low is None or candidate >= low) and (high is None or candidate <= high):
            step = schema.get("multipleOf")
            return candidate if not step else candidate - candidate % step
    return 0


def _merged(parts: list[Mapping[str, Any]], whole: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {key: value for key, value in whole.items() if key != "allOf"}
    for part in parts:
        for key, value in part.items():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged.setdefault(key, value)
    return merged


def _guessed(schema: Mapping[str, Any]) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "string" if schema.keys() & {"pattern", "format", "minLength", "maxLength"} or not schema else "object"


def _dullness(schema: Mapping[str, Any]) -> int:
    kind = schema.get("type", _guessed(schema))
    order = ("object", "string", "array", "number", "integer", "boolean", "null")
    return order.index(kind) if kind in order else 0
