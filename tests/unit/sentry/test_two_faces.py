"""An event of objects that answer differently the second time: what was judged is what leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

if TYPE_CHECKING:
    from tests.unit.sentry.conftest import Kept

NAME = "dvora_mizrahi"
NUMBER = 305123456


def _text(shown: str) -> str:
    same = {"__eq__": lambda _, other: other == shown, "__hash__": lambda _: hash(shown)}
    return type("Text", (str,), {**same, "__str__": lambda _: shown})(NAME)  # type: ignore[no-any-return]


def _claiming(cls: type) -> Any:
    methods: dict[str, Any] = dict.fromkeys(("__le__", "__ge__", "__lt__", "__gt__"), lambda *_: True)
    methods |= {"__float__": lambda _: float(NUMBER), "__str__": lambda _: NAME, "__sub__": lambda *_: 0.0}
    return type("Claiming", (), {**methods, "__class__": property(lambda _: cls)})()


def test_an_event_leaves_as_it_was_judged(kept: Kept) -> None:
    """Every text of an event that compares equal to a known word, and every object that claims to be a number."""
    for value in (*map(_text, ("error", "default", "info", "python", "http")), _claiming(float), _claiming(str)):
        crumb = dict.fromkeys(("type", "level", "category", "message", "timestamp"), value)
        thrown = {"type": value, "value": value, "mechanism": {"type": value, "handled": value}}
        event: Any = {
            **dict.fromkeys(("level", "logger", "transaction", "timestamp", "platform", "environment"), value),
            "breadcrumbs": {"values": [crumb]},
            "exception": {"values": [thrown]},
            "tags": {"level": value},
            "fingerprint": [value],
        }
        envelope = Envelope()
        envelope.add_item(Item(payload=PayloadRef(json=event), type="event"))
        transport: Any = sentry_sdk.get_client().transport
        transport.capture_envelope(envelope)
    assert len(kept.events) == 7
    assert NAME.encode() not in kept.bytes
    assert str(NUMBER).encode() not in kept.bytes
