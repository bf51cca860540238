"""Prove texts that a thread, timer, pool, event loop or partial passes to a logger's method.

`Thread(target=log.info, args=("sync started",))` runs no statement of the application when it logs. The module that
holds the logger also holds the text, in a call with the logger's method among its arguments.
"""

from __future__ import annotations

import ast
import logging
import sys
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.log_formats import kept_format
from pazpaz_otel.redact.provenance.callers import LOGGING, first_outside
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.following import Follower
from pazpaz_otel.redact.provenance.forms import compiled_into
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import NO_TEXTS, Texts
from pazpaz_otel.redact.provenance.source import parse_file, read_lines
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pazpaz_otel.redact.provenance.forms import Parts

_MAX_MODULES: Final = 16

_NO_NAMES: Final = Follower(None, {})

_texts: FifoCache[str, Texts] = FifoCache(256)
# Also keyed by the number of loaded modules: a module imported later may hold the logger, too.
_holders: FifoCache[tuple[str, int], tuple[str, ...]] = FifoCache(256)


def deferred(text: str, logger: str, frame: FrameType | None) -> str | None:
    """Return what may leave of a text that no statement of the application logs, or None.

    Args:
        text: the record's text.
        logger: the logger's name.
        frame: the frame that creates the record.
    """
    if not _is_handed_on(frame):
        return None
    for module in _modules_of(logger):
        found = _texts_of(module).leaving(text)
        if found is not None:
            return found
    return kept_format(text, frame)


def _is_handed_on(frame: FrameType | None) -> bool:
    """Return whether code other than the application's calls the logger."""
    caller = first_outside(frame, LOGGING)
    return caller is None or is_installed(caller.f_code.co_filename)


def _modules_of(logger: str) -> tuple[str, ...]:
    """Return the application's modules that hold a logger; usually its name is the module's."""
    key = logger, len(sys.modules)
    known = _holders.get(key)
    if known is not None:
        return known
    wanted = logging.getLogger(logger)
    found = [name for name, module in list(sys.modules.items()) if _holds(module, wanted)]
    return _holders.keep(key, tuple(found[:_MAX_MODULES]))


def _holds(module: object, logger: logging.Logger) -> bool:
    held = getattr(module, "__dict__", {})
    file = held.get("__file__")
    if type(file) is not str or is_installed(file):
        return False
    # Compare by identity, because an application's values may define any comparison.
    wanted = logging if logger is logging.root else logger
    return any(value is wanted for value in list(held.values()))


def _texts_of(module: str) -> Texts:
    known = _texts.get(module)
    if known is not None:
        return known
    index = index_of(module)
    file = index.module.get("__file__") if index is not None else None
    lines = read_lines(file, index.module) if index is not None and type(file) is str else None
    if index is None or lines is None or type(file) is not str:
        return _texts.keep(module, NO_TEXTS)
    found = (form for form in _handed_in(parse_file(file, lines)) if form and compiled_into(form, index.strings))
    return _texts.keep(module, Texts(found))


def _handed_in(tree: ast.Module) -> Iterator[Parts]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [*node.args, *(item.value for item in node.keywords)]
            if any(isinstance(value, ast.Attribute) and value.attr in LOG_METHODS for value in given):
                for value in given:
                    yield from _texts_in(value)


def _texts_in(value: ast.expr) -> Iterator[Parts]:
    match value:
        case ast.Tuple(elts=values) | ast.List(elts=values):
            pass
        case ast.Dict(values=values):
            pass
        case _:
            values = [value]
    for inner in values:
        yield from forms_of(inner, _NO_NAMES)
