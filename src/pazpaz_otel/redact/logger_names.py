"""Names of loggers and scopes: those of loaded modules, or literals of the source; else the part that is one."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import Final

from pazpaz_otel.redact import text
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.source_index import index_of

ROOT: Final = "root"

_known: FifoCache[str, str] = FifoCache(1024)
_searched: FifoCache[str, None] = FifoCache(1024)


def logger_name(name: object) -> str | None:
    """Return the name as far as it is proven: a loaded module's, or a literal where the logger was asked for."""
    if type(name) is not str or not name:
        return None
    known = _known.get(name)
    if known is not None:
        return known
    part = name
    while part:
        if part == ROOT or module_proven(part) or _is_literal(part):
            return _known.keep(name, part) if part == name else part
        part = part.rpartition(".")[0]
    return None


def _is_literal(name: str) -> bool:
    if isinstance(text.judge(name), text.Kept):
        return True
    if name not in logging.root.manager.loggerDict or name in _searched:
        return False
    # A logger that was asked for before its name could be proven there: the module that holds it has the literal.
    _searched.keep(name, None)
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType):
            continue
        if any(isinstance(value, logging.Logger) and value.name == name for value in list(vars(module).values())):
            index = index_of(module.__name__)
            if index is not None and name in index.strings:
                text.remember(text.Kept(name))
                return True
    return False
