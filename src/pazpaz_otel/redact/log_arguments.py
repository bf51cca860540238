"""Values that a log call passes besides its template: names of classes and functions, and constants.

`log.error("%s failed", type(error).__name__)` leaves with the name. A constant stays a value, as where a statement
composes the text itself: `log.info("note %s", NOTE)` leaves as `note {NOTE}`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pazpaz_otel.redact.fifo_cache import FifoCache, remembering
from pazpaz_otel.redact.provenance.callers import LOGGING, first_outside
from pazpaz_otel.redact.provenance.composition import shown
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.handing import NAME_ENDS, filled_by, named
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import Texts, around_of
from pazpaz_otel.redact.provenance.resolving import label_of
from pazpaz_otel.redact.provenance.source import locate

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pazpaz_otel.redact.provenance.source import Located

_labels: FifoCache[tuple[int, int], tuple[CodeType, tuple[str | None, ...]]] = FifoCache(2048)
_templates: FifoCache[str, bool] = FifoCache(2048)
"""Whether a statement with this template passes a name, so that others need no look at their statement."""


def name_in(value: str, index: int, count: int, template: str, frame: FrameType) -> str | None:
    """Return a value if the log call passes it as the name of a class or function that is loaded, else None."""
    if _templates.get(template) is False or not value.replace(".", "").isidentifier():
        return None
    caller = first_outside(frame, LOGGING)
    if caller is None:
        return None
    labels = _labels_at(caller, count)
    if template not in _templates:
        _templates.keep(template, any(labels))
    label = labels[index] if index < len(labels) else None
    return named(label, value, caller) if label is not None else None


def constant_in(value: str, index: int, count: int, frame: FrameType) -> str | None:
    """Return what stands for a text of the source that a log call passes as a value, or None.

    That is its name, but the text itself if the call chooses it among literals or the function was passed it.
    """
    caller = first_outside(frame, LOGGING)
    if caller is None or is_installed(caller.f_code.co_filename):
        return value
    return _constant(value, index, count, caller)


@remembering(2048, lambda value, index, _, caller: (value, index, caller.f_code, caller.f_lasti))
def _constant(value: str, index: int, count: int, caller: FrameType) -> str | None:
    code, module = caller.f_code, caller.f_globals
    located = locate(code, caller.f_lasti, module)
    values = _values_in(located, count)
    if located is None or not values:
        return None
    label = label_of(values[index])
    if label is not None and label.partition(".")[0] in (filled_by(code, is_followed=True).names or ()):
        return value
    follower = follower_of(module, located.function, around=around_of(code, module))
    return value if value in Texts(shown(values[index], follower)).literals else label and f"{{{label}}}"


def _labels_at(frame: FrameType, count: int) -> tuple[str | None, ...]:
    # Spelled out, because log calls with a name pass here each time.
    key = id(frame.f_code), frame.f_lasti
    known = _labels.get(key)
    if known is not None:
        return known[1]
    labels = map(label_of, _values_in(locate(frame.f_code, frame.f_lasti, frame.f_globals), count))
    found = tuple(label if label is not None and label.endswith(NAME_ENDS) else None for label in labels)
    return _labels.keep(key, (frame.f_code, found))[1]


def _values_in(located: Located | None, count: int) -> list[ast.expr]:
    """Return the last arguments of the statement's only log call, or nothing if it doesn't write out that many."""
    nodes = [inner for node in (located.nodes if located is not None else ()) for inner in ast.walk(node)]
    calls = [list(node.args) for node in nodes if isinstance(node, ast.Call) and _is_log(node.func)]
    # What comes before them is a template, and perhaps a level.
    is_whole = len(calls) == 1 and len(calls[0]) > count
    return calls[0][-count:] if is_whole and not any(isinstance(value, ast.Starred) for value in calls[0]) else []


def _is_log(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in LOG_METHODS
