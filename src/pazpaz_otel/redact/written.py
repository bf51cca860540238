"""Prove attributes whose kind is a text of the source by the statement that writes them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.attributes import MAX_SEQUENCE_LENGTH
from pazpaz_otel.redact.exception_text import judge_near
from pazpaz_otel.redact.provenance.callers import first_outside
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard

_NO_SEQUENCES: Final = (str, bytes, bytearray, memoryview)
_MAX_MEMBERS: Final = MAX_SEQUENCE_LENGTH + 1


def marked(attributes: Mapping[str, Any], guard: Guard, running: Running) -> dict[str, Any]:
    """Return the names and texts among attributes as the statement proves or refuses them; never raise.

    Args:
        attributes: a mapping that stays the same.
        guard: the policy and the evidence.
        running: the places of the statement.
    """
    told: dict[str, Any] = {}
    for key in guard.attributes.written.intersection(attributes):
        value, judge = attributes[key], _text if key in guard.attributes.texts else _name
        try:
            members = _members(value)
            if members is None:
                told[key] = judge(key, value, guard, running)
            else:
                told[key] = tuple(judge(key, each, guard, running) for each in members)
        except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
            drops.fail("span_attribute", error)
            told[key] = refused(value)
    return told


def measured(attributes: Any, guard: Guard, frame: FrameType, between: tuple[str, ...]) -> Any:
    """Return the attributes of one measurement with their names and texts as its statement proves or refuses them.

    Args:
        attributes: a mapping, or anything else, which the SDK judges.
        guard: the policy and the evidence.
        frame: the running frame.
        between: the packages between it and the statement.
    """
    try:
        if not issubclass(type(attributes), Mapping) or guard.attributes.written.isdisjoint(attributes):
            return attributes
        # A mapping of another class may have other items the next time.
        given = attributes if type(attributes) is dict else dict(attributes)
        return given | marked(given, guard, Running(first_outside(frame, between)))
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("metric_attribute", error)
        return {}


def observing(guard: Guard, between: tuple[str, ...], original: Any) -> Callable[..., None]:
    """Return the initializer of observations, with attributes as the statement proves them that makes one."""

    def __init__(self: Any, value: Any, attributes: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, value, measured(attributes, guard, sys._getframe(), between), *args, **kwargs)  # noqa: SLF001

    return __init__


def is_refused(value: Any) -> bool:
    """Return whether an attribute, or a member of it, was refused."""
    return type(value) is text.Refused or (type(value) is tuple and any(map(is_refused, value)))


def refused(given: Any) -> Any:
    """Return a text, also in a list, as refused, and anything else unchanged."""
    try:
        members = _members(given)
    except Exception:  # noqa: BLE001 - a sequence of the application's own
        return ()
    if members is not None:
        return tuple(map(refused, members))
    plain = text.exact(given)
    return given if plain is None else text.Refused(plain)


def _members(given: Any) -> tuple[Any, ...] | None:
    """Return the members of a sequence, which may have others the next time; None if it isn't one."""
    cls = type(given)
    if cls is str or not issubclass(cls, Sequence) or issubclass(cls, _NO_SEQUENCES):
        return None
    return tuple(islice(given, _MAX_MEMBERS))


def _name(key: str, value: Any, guard: Guard, running: Running) -> Any:
    plain, unproven = text.exact(value), refused(value)
    # The cheaper question first: where the statement was proven before, or by what the process knows.
    if plain is None or (text.is_proven(plain) and _is_said(plain, running)):
        return value
    return value if guard.attributes.value(key, unproven) is not None or _is_said(plain, running) else unproven


def _is_said(plain: str, running: Running) -> bool:
    return isinstance(text.judge(plain, running), text.Kept)


def _text(_: str, value: Any, guard: Guard, running: Running) -> Any:
    plain = text.exact(value)
    if plain is None or isinstance(value, (text.Proven, text.Refused)):
        return value
    found = text.judge(plain, running, guard.messages).text or judge_near(plain, guard.messages)
    return text.Refused(plain) if found is None else found
