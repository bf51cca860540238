"""A method of somebody else's class, wrapped once however often the wiring is asked for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK: Final = "__pazpaz_otel_wrapped__"


def wrap_once(cls: Any, name: str, around: Callable[[Any], Callable[..., Any]]) -> bool:
    """Puts a wrapper in the place of a class's own method.

    Args:
        cls: the class; a method that it only inherits is left to the class that has it.
        name: the method's.
        around: makes the wrapper of the method.

    Returns:
        Whether it was wrapped now: false where it is already, and where the class has no such method.
    """
    original = cls.__dict__.get(name)
    if original is None or getattr(original, _MARK, False):
        return False
    wrapper = functools.wraps(original)(around(original))
    setattr(wrapper, _MARK, True)
    setattr(cls, name, wrapper)
    return True
