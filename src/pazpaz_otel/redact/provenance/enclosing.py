"""The names that a function takes from the functions around it, whose code isn't the running one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from types import CodeType

    from pazpaz_otel.redact.provenance.following import Follower

_WITHIN: Final = ".<locals>."


def around_of(code: CodeType, module: dict[str, Any]) -> Follower | None:
    """Return a resolver for the names that a function takes from the enclosing ones."""
    index = index_of(str(module.get("__name__"))) if code.co_freevars else None
    found: Follower | None = None
    names = code.co_qualname.split(_WITHIN)
    for count in range(1, len(names) if index is not None else 0):
        function = index.functions.get(_WITHIN.join(names[:count])) if index is not None else None
        if function is not None:
            found = follower_of(module, function, around=found)
    return found
