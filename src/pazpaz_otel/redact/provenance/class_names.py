"""Names of classes and functions in a composed text: `f"{type(error).__name__} while loading {name}"`.

A name leaves if the object that the expression names is a loaded class or function of this name, or is of such a class.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.forms import Piece
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.lookups import MISSING, name_of

if TYPE_CHECKING:
    from types import FrameType

NAME_ENDS: Final = (".__name__", ".__qualname__")
_LABEL: Final = re.compile(
    r"(type\()?(?P<object>[\w.]+?)(?(1)\)|(?P<cls>\.__class__)?)\.(?P<attribute>__(?:qual)?name__)"
)

KNOWN_NAMES: Final[FifoCache[str, str]] = FifoCache(2048)
"""Names that were proven before."""


def named(label: str, value: str, frame: FrameType | None) -> str | None:
    """Return the name of a class or function that stands for a label, or None if it isn't proven.

    Args:
        label: the expression, such as `type(error).__name__`.
        value: what stands for it in the text.
        frame: the frame that composed the text.
    """
    if value in KNOWN_NAMES:
        return value
    told = _LABEL.fullmatch(label)
    if told is None or frame is None:
        return None
    held = _object(told["object"], frame)
    # A helper that has returned was passed the exception being handled: `describe(error)`.
    held = sys.exc_info()[1] if held is MISSING else held
    owner = type(held) if told[1] or told["cls"] else held
    if (Piece(value, value, checked=True),) not in name_of(owner, told["attribute"]):
        return None
    return KNOWN_NAMES.keep(value, value)


def _object(dotted: str, frame: FrameType) -> Any:
    """Return what a dotted name stands for in a frame, without executing anything."""
    first, *rest = dotted.split(".")
    values = values_in(frame)
    held: Any = values[first] if first in values else frame.f_globals.get(first, MISSING)
    for name in rest:
        try:
            held = object.__getattribute__(held, "__dict__").get(name, MISSING)
        except AttributeError:
            return MISSING
    return held
