"""Prove fields of log calls that aren't in the policy: a literal under a literal key in the call's source.

`log.info("slot_failed", reason="no_show", error_type=type(exc).__name__)` proves both fields: the key is in the
statement, and the value is too, or is the name of a loaded exception class or a proven exception text.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from pazpaz_otel.policy.kind_type import exact
from pazpaz_otel.redact.containment import contain
from pazpaz_otel.redact.exception_text import judge_message, told_by
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import NO_MESSAGES
from pazpaz_otel.redact.provenance.assigned import attribute_texts
from pazpaz_otel.redact.provenance.call_constants import called_at, given_to
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.displays import keyed
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.forms import compiled_into
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.lookups import checked
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.module_index import class_name_proven, simple_name_proven
from pazpaz_otel.redact.provenance.places import Running, Spot, Texts, around_of
from pazpaz_otel.redact.provenance.resolving import dotted
from pazpaz_otel.redact.provenance.source import locate, strings_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from pazpaz_otel.redact.provenance.following import Follower

Shown = str | bool | int | float

EVENT_KEYS: Final = ("event", "message", "msg")
"""The keys under which structured loggers keep what happened."""
_MAX_JSON_LENGTH: Final = 65536
_MAX_KEY: Final = 128
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SCALARS: Final = frozenset({str, bool, int, float})
_CLASS_NAMES: Final = frozenset({"__name__", "__qualname__"})


class _Field:
    """What a call's source tells about one field."""

    def __init__(self, given: list[tuple[ast.expr, Follower]], follower: Follower, strings: frozenset[str]) -> None:
        values = [value for value, _ in given]
        found = ((parts, held) for value, held in given for parts in texts_in([value], held, 1))
        # A key that is also set to something else may hold data that equals one of the texts.
        is_told = len(given) == 1 or all(
            forms_of(value, held) or isinstance(value, ast.Constant) for value, held in given
        )
        # What a module keeps was compared with its own code.
        told = [parts if held is follower else checked(parts) for parts, held in found] if is_told else []
        self.texts = Texts(parts for parts in told if compiled_into(parts, strings))
        self.passed = [value.id for value in values if isinstance(value, ast.Name)]
        self.owned = [name for value in values if (name := _owned(value)) is not None]
        self.constants = {
            (type(value.value), value.value)
            for value in values
            if isinstance(value, ast.Constant) and type(value.value) in {bool, int, float}
        }
        self.names_class = any(isinstance(value, ast.Attribute) and value.attr in _CLASS_NAMES for value in values)
        self.exceptions = [name for value in values if (name := _told(value)) is not None]


_fields: FifoCache[tuple[int, int], tuple[object, dict[str, _Field]]] = FifoCache(4096)
_without_fields: FifoCache[tuple[int, int], object] = FifoCache(8192)
"""The other places, most of them in the frameworks that call the application: they are passed over quickly."""
_given: FifoCache[tuple[int, int, int], tuple[tuple[object, ...], Mapping[str, str]]] = FifoCache(4096)
"""The literals that a function was passed, by its code and the place of its call."""
_bound: FifoCache[tuple[str, int], tuple[Any, Shown]] = FifoCache(8192)
"""What was proven where it was bound, by key and identity: data that equals a literal is another object.

The object is kept, so its id stays its own."""


def fields_of(line: object) -> Mapping[str, Any] | None:
    """Return the fields of a structured log line: a mapping, or the JSON object rendered from one; else None."""
    if issubclass(type(line), Mapping):
        return cast("Mapping[str, Any]", line)
    plain = exact(line)
    if plain is None or plain[:1] != "{" or len(plain) > _MAX_JSON_LENGTH:
        return None
    try:
        parsed = json.loads(plain)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def bound_fields() -> Mapping[str, Any]:
    """Return structlog's context variables, if the application uses structlog."""
    module = sys.modules.get("structlog.contextvars")
    return module.get_contextvars() if module is not None else {}


def prove_fields(values: Mapping[str, Any], spots: Iterable[Spot], given: Container[str] = ()) -> dict[str, Shown]:
    """Return the fields in `values` that the source of the running calls proves; never raise.

    A field that was proven where it was bound to a logger is still known when the logger is used.

    Args:
        values: the fields.
        spots: the places of the running call.
        given: the fields that this call itself was given, which only it can prove.
    """
    shown: dict[str, Shown] = {}
    unknown: dict[str, Any] = {}
    for key, value in values.items():
        if type(key) is not str or len(key) > _MAX_KEY or (type(value) is str and _CONTROL.search(value)):
            # A field with escape sequences is for terminals, such as the coloured message that uvicorn adds.
            continue
        known = _bound.get((key, id(value))) if key not in given else None
        if known is not None:
            shown[key] = known[1]
        elif type(value) in _SCALARS or issubclass(type(value), BaseException):
            unknown[key] = value
        elif (plain := exact(value)) is not None:
            unknown[key] = plain
    try:
        shown |= _search(unknown, spots)
    except Exception as error:  # noqa: BLE001  # a doubt is a no
        contain(error)
        return shown
    return shown


def _search(unknown: dict[str, Any], spots: Iterable[Spot]) -> dict[str, Shown]:
    shown: dict[str, Shown] = {}
    if not unknown:
        return shown
    for spot in spots.outside(_without_fields) if type(spots) is Running else spots:
        fields = _fields_at(spot)
        for key in unknown.keys() & fields.keys():
            found = _judge(fields[key], unknown[key], spot)
            if found is not None:
                shown[key] = found
                del unknown[key]
        if not unknown:
            break
    return shown


def remember_fields(values: Mapping[str, Any], spots: Iterable[Spot]) -> None:
    """Prove fields where they are bound to a logger."""
    for key, shown in prove_fields(values, spots).items():
        value = values[key]
        # A template describes only this value: another value with the same text may not match it. The interpreter has
        # one object for a text of one letter, whoever made it.
        if type(value) in _SCALARS and shown == value and not (type(value) is str and len(value) <= 1):
            _bound.keep((key, id(value)), (value, shown))


def _judge(field: _Field, value: Any, spot: Spot) -> Shown | None:
    if isinstance(value, BaseException):
        return judge_message(value).text if field.exceptions else None
    if type(value) is not str:
        return value if (type(value), value) in field.constants else None
    if value in field.texts.literals:
        return value
    if field.names_class and (simple_name_proven(value) or class_name_proven(value)):
        return value
    told = _told_text(field, value, spot) if field.exceptions else None
    told = told or field.texts.leaving(value)
    if told is None and field.owned:
        told = _owned_text(field, value, spot)
    return value if told is None and field.passed and _is_passed(field, value, spot) else told


def _is_passed(field: _Field, value: str, spot: Spot) -> bool:
    """Return whether the field is a parameter that the call passes this very literal to."""
    caller = spot.frame.f_back
    if caller is None or spot.lasti != spot.frame.f_lasti:
        return False
    key = id(spot.code), id(caller.f_code), caller.f_lasti
    known = _given.get(key)
    if known is None:
        place = Spot(caller.f_code, caller.f_lasti, caller.f_globals, caller)
        known = _given.keep(key, ((spot.code, caller.f_code), given_to(called_at(spot), place)))
    return any(known[1].get(name) == value for name in field.passed)


def _owned_text(field: _Field, value: str, spot: Spot) -> str | None:
    """Return what may leave of a text that an attribute of the frame's object or class holds."""
    owner = values_in(spot.frame).get(spot.code.co_varnames[0]) if spot.code.co_varnames else None
    found = (attribute_texts(owner, name).leaving(value) for name in field.owned)
    return next(filter(None, found), None)


def _told_text(field: _Field, value: str, spot: Spot) -> str | None:
    """Return what may leave of the text of an exception in the frame."""
    held = map(values_in(spot.frame).get, field.exceptions)
    return told_by((exc for exc in held if is_a(exc, BaseException)), value, NO_MESSAGES)


def _fields_at(spot: Spot) -> dict[str, _Field]:
    key = id(spot.code), spot.lasti
    known = _fields.get(key)
    if known is not None:
        return known[1]
    located = locate(spot.code, spot.lasti, spot.module)
    found: dict[str, _Field] = {}
    if located is not None:
        follower = follower_of(spot.module, located.function, around=around_of(spot.code, spot.module))
        # By identity, because a dictionary in a call's arguments is found twice.
        values: dict[str, dict[int, tuple[ast.expr, Follower]]] = {}
        for name, value, held in keyed(located.nodes, follower):
            values.setdefault(name, {})[id(value)] = value, held
        strings = strings_of(spot.code)
        found = {name: _Field([*given.values()], follower, strings) for name, given in values.items()}
    if not found:
        _without_fields.keep(key, spot.code)
        return found
    return _fields.keep(key, (spot.code, found))[1]


def _owned(value: ast.expr) -> str | None:
    return value.attr if isinstance(value, ast.Attribute) and dotted(value.value) in {"self", "cls"} else None


def _told(value: ast.expr) -> str | None:
    """Return the local name of an exception in a field: `error=exc`, `error=str(exc)`, `error=repr(exc)`."""
    match value:
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=name)], keywords=[]):
            return name
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id=name))]):
            return name
    return None
