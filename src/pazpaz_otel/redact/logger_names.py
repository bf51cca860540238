"""Names of loggers and scopes: those of loaded modules, or literals of the source; else the part that is one."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import text
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from types import FrameType

ROOT: Final = "root"
_NAMED_WITHIN: Final = 4
"""Frames from the manager of loggers to the statement that asks for one."""

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
        if part == ROOT or _names_code(part) or _is_literal(part):
            return _known.keep(name, part) if part == name else part
        part = part.rpartition(".")[0]
    return None


def prove_asked(name: str, frame: FrameType) -> None:
    """Prove a logger's name where it is asked for.

    Args:
        name: of the logger.
        frame: asks for it, or was called to.
    """
    if text.is_proven(name) or _names_code(name) or _is_being_defined(name, frame):
        return
    if not text.prove(name, frame, _NAMED_WITHIN):
        _prove_below(name, frame)


def _prove_below(name: str, frame: FrameType) -> None:
    """Prove a name that a statement puts behind a proven one: `getLogger(__name__ + ".jobs")`, `getChild("jobs")`."""
    above, _, own = name.rpartition(".")
    while above and own:
        if text.is_proven(above) or _names_code(above):
            if any(text.prove(part, frame, _NAMED_WITHIN) for part in (f".{own}", own)):
                text.remember(text.Kept(name))
            return
        above, _, part = above.rpartition(".")
        own = f"{part}.{own}"


def _is_being_defined(name: str, frame: FrameType | None) -> bool:
    """Return whether the name is that of a class whose decorator asks for its logger.

    It is found when it is used: by then its module has the class. To look for it now would read that module's source.
    """
    package, _, cls = name.rpartition(".")
    for _ in range(_NAMED_WITHIN):
        if frame is None:
            break
        if frame.f_code.co_name == "<module>":
            return frame.f_globals.get("__name__") == package and cls in frame.f_code.co_names
        frame = frame.f_back
    return False


def _names_code(name: str) -> bool:
    """Return whether the name is that of a loaded module, or of a class in one."""
    if module_proven(name):
        return True
    # A class's, as SQLAlchemy names its loggers. The source that composes it is in the largest of its files.
    package, _, cls = name.rpartition(".")
    found = vars(sys.modules[package]).get(cls) if package in sys.modules else None
    if not isinstance(found, type) or found.__name__ != cls or not module_proven(package):
        return False
    text.remember(text.Kept(name))
    return True


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
