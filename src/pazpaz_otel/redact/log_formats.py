"""Prove formats that an installed package keeps in its modules, and hands to its logger through objects of its own.

Celery logs a failed task by a policy that it looks up for the error. The policy holds one of its module's formats, with
the white space around it removed: neither the running function nor its statement has a constant of that text. Its
format for a received task is in another module.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.callers import LOGGING, first_outside
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.forms import has_word
from pazpaz_otel.redact.provenance.installed import file_of, is_installed
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from types import FrameType

_formats: FifoCache[str, frozenset[str]] = FifoCache(256)


def kept_format(text: str, frame: FrameType | None) -> str | None:
    """Return a text if it is a format with `%` fields of the installed module that logs it, or of one that it names."""
    caller = first_outside(frame, LOGGING) if "%" in text else None
    if caller is None or not is_installed(caller.f_code.co_filename):
        return None
    if text in _formats_of(caller.f_globals):
        return text
    # `logger.info(texts.RECEIVED, …)`: in a module that the function names.
    named = (caller.f_globals.get(name) for name in caller.f_code.co_names)
    modules = (vars(found) for found in named if is_a(found, ModuleType))
    return text if any(text in _formats_of(module) for module in modules) else None


def _formats_of(module: dict[str, Any]) -> frozenset[str]:
    name, file = module.get("__name__"), file_of(module)
    index = index_of(name) if type(name) is str and type(file) is str and is_installed(file) else None
    if type(name) is not str or index is None or index.module is not module:
        return frozenset()
    known = _formats.get(name)
    if known is None:
        known = _formats.keep(name, frozenset(told.strip() for told in index.strings if "%" in told and has_word(told)))
    return known
