"""Read the variables of the application's frames, and leave no trace of it there."""

from __future__ import annotations

import inspect
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

_KEEPERS: Final = frozenset({"eval", "exec", "locals", "vars"})
"""Functions that share the dictionary of a frame's variables with the code that calls them."""
_PYTEST: Final = "@py_builtins"
"""In a test, the name by which pytest's assertions ask for `locals()`: they keep nothing."""
_NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})


def values_in(frame: FrameType) -> Mapping[str, Any]:
    """Return the variables of a frame by name.

    Before Python 3.13 (PEP 667), reading them fills a dictionary that stays with the frame: it is the one that
    `locals()` returned earlier, and what it holds lives until the frame ends, or for an exception, which holds its
    frame, until the garbage collector runs. So the dictionary is emptied, and nothing is read where the code has it.
    """
    code = frame.f_code
    if sys.version_info >= (3, 13) or not code.co_flags & inspect.CO_OPTIMIZED:
        return frame.f_locals
    if not _KEEPERS.isdisjoint(code.co_names) and _PYTEST not in code.co_names:
        return _NO_VALUES
    shared = frame.f_locals
    values = dict(shared)
    # A debugger that evaluates an expression takes the variables back from there.
    if frame.f_trace is None:
        shared.clear()
    return values
