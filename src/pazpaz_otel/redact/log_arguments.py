"""Names of classes and functions among the arguments of a log call: `log.error("%s failed", type(error).__name__)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.class_names import NAME_ENDS, named
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import first_outside
from pazpaz_otel.redact.provenance.resolving import label_of
from pazpaz_otel.redact.provenance.source import locate

if TYPE_CHECKING:
    from types import CodeType, FrameType

_LOGGING: Final = ("logging", "opentelemetry.instrumentation.logging", "pazpaz_otel.")
"""Modules between a log call and the record factory."""

_labels: FifoCache[tuple[int, int], tuple[CodeType, tuple[str | None, ...]]] = FifoCache(2048)
_templates: FifoCache[str, bool] = FifoCache(2048)
"""Whether a statement with this template passes a name, so that others need no look at their statement."""


def name_in(value: str, index: int, template: str, frame: FrameType) -> str | None:
    """Return a value if the log call passes it as the name of a class or function that is loaded, else None.

    Args:
        value: the value.
        index: its position among the template's values.
        template: the template.
        frame: the innermost frame.
    """
    if _templates.get(template) is False or not value.replace(".", "").isidentifier():
        return None
    caller = first_outside(frame, _LOGGING)
    if caller is None:
        return None
    labels = _labels_at(caller, template)
    if template not in _templates:
        _templates.keep(template, any(labels))
    label = labels[index] if index < len(labels) else None
    return named(label, value, caller) if label is not None else None


def _labels_at(frame: FrameType, template: str) -> tuple[str | None, ...]:
    key = id(frame.f_code), frame.f_lasti
    known = _labels.get(key)
    if known is not None:
        return known[1]
    located = locate(frame.f_code, frame.f_lasti, frame.f_globals)
    nodes = [inner for node in (located.nodes if located is not None else ()) for inner in ast.walk(node)]
    calls = [list(node.args) for node in nodes if isinstance(node, ast.Call) and _is_log(node.func)]
    found: tuple[str | None, ...] = ()
    if len(calls) == 1 and not any(isinstance(value, ast.Starred) for value in calls[0]):
        # What comes before the template is a level.
        start = next((at for at, value in enumerate(calls[0]) if _is_text(value, template)), len(calls[0]))
        labels = (label_of(value) for value in calls[0][start + 1 :])
        found = tuple(label if label is not None and label.endswith(NAME_ENDS) else None for label in labels)
    return _labels.keep(key, (frame.f_code, found))[1]


def _is_log(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in LOG_METHODS


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value == text)
