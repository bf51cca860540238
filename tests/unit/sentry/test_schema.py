"""Every field and kind of item that Sentry's SDK knows, read from its source: a release that adds one is tested too."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from sentry_sdk import _types, envelope
from sentry_sdk.envelope import Envelope, Item, PayloadRef

if TYPE_CHECKING:
    from types import ModuleType

    from tests.unit.sentry.conftest import Kept

NAME = "Dvora-Mizrahi-305123456"
NUMBER = 305123456
SHAPES: tuple[Any, ...] = (
    NAME,
    NUMBER,
    [NAME, {"name": NAME, "value": NAME, "message": NAME}],
    {NAME: NAME, "id": NAME, "url": NAME, "name": NAME, "type": NAME, "message": NAME, "formatted": NAME},
    {"values": [{"type": NAME, "value": NAME, "message": NAME, "category": NAME, "data": {NAME: NAME}}]},
)


def _typed(name: str) -> ast.Call:
    """Return the definition of a type that the SDK makes for type checkers only."""
    for node in ast.walk(ast.parse(inspect.getsource(_types))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and isinstance(node.value, ast.Call):
            return node.value
    raise AssertionError(f"sentry_sdk._types defines no {name}")


def _event_fields() -> list[str]:
    keys = _typed("Event").args[1]
    assert isinstance(keys, ast.Dict)
    return [key.value for key in keys.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]


def _compared(module: ModuleType) -> list[str]:
    """Return the kinds of item that the envelope's module compares with."""
    compares = (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Compare))
    constants = (part.value for node in compares for part in node.comparators if isinstance(part, ast.Constant))
    return sorted({kind for kind in constants if isinstance(kind, str) and kind.isidentifier()})


def _send(kind: str, payload: dict[str, Any]) -> None:
    made = Envelope(items=[Item(payload=PayloadRef(json=payload), type=kind, headers={"filename": NAME})])
    transport: Any = sentry_sdk.get_client().transport
    transport.capture_envelope(made)


@pytest.mark.parametrize("field", _event_fields())
def test_no_field_of_an_event_carries_a_patient(kept: Kept, field: str) -> None:
    """An event with a patient in any one field, in each shape that fields have: it leaves without the patient."""
    for shape in SHAPES:
        _send("event", {"message": "note lost", field: shape})
    assert len(kept.events) == len(SHAPES)
    assert b"Dvora" not in kept.bytes
    assert str(NUMBER).encode() not in kept.bytes


@pytest.mark.parametrize("kind", [kind for kind in _compared(envelope) if kind != "event"])
def test_no_other_item_leaves(kept: Kept, kind: str) -> None:
    """An item of any other kind that the SDK can send isn't sent."""
    _send(kind, {"message": NAME})
    assert kept.envelopes == []


def test_the_sdks_source_is_read() -> None:
    """The fields and kinds are found: an empty list would prove nothing."""
    assert {"message", "exception", "user", "tags"} <= set(_event_fields())
    assert {"event", "log", "transaction", "session"} <= set(_compared(envelope))
