"""Names of loggers and scopes: loaded modules and literals in the source, or else the part of the name that is one."""

from __future__ import annotations

import logging
import sys
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.redact import text
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance import allowance
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.module_index import class_name, module_proven
from pazpaz_otel.redact.provenance.places import Texts
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.provenance.source_index import SourceIndex

_ROOT: Final = "root"
_MAX_FRAMES: Final = 4
"""The maximum number of frames from the logger manager to the statement that requests a logger."""

_STEPS: Final = 200
"""How many names are resolved at most to find what a module binds a logger to."""

_known: FifoCache[str, str] = FifoCache(1024)
_searched: FifoCache[str, None] = FifoCache(1024)


def logger_name(name: object) -> str | None:
    """Return the proven part of the name: a loaded module's, or a literal where the logger was requested."""
    if type(name) is not str or not name:
        return None
    known = _known.get(name)
    if known is not None:
        return known
    part = name
    while part:
        if part == _ROOT or _names_code(part) or _is_literal(part):
            return _known.keep(name, part) if part == name else part
        part = part.rpartition(".")[0]
    return None


def prove_asked(name: str, frame: FrameType) -> None:
    """Prove a logger's name where it is requested."""
    if text.is_name(name) or _names_code(name) or _is_of_a_loading_module(name, frame):
        return
    if not text.prove_name(name, frame, _MAX_FRAMES):
        _prove_below(name, frame)


def proving_names(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands in for `Manager.getLogger`: it proves the name first."""

    def get_logger(self: Any, name: Any) -> Any:
        if type(name) is str:
            prove_asked(name, sys._getframe(1))  # noqa: SLF001 - the only way to a caller's frame
        return original(self, name)

    return get_logger


def _prove_below(name: str, frame: FrameType) -> None:
    """Prove a name that a statement appends to a proven one: `getLogger(__name__ + ".jobs")`, `getChild("jobs")`."""
    above, _, own = name.rpartition(".")
    while above and own:
        if text.is_name(above) or _names_code(above):
            if any(text.prove(part, frame, _MAX_FRAMES) for part in (f".{own}", own)):
                text.remember_name(name)
            return
        above, _, part = above.rpartition(".")
        own = f"{part}.{own}"


def _is_of_a_loading_module(name: str, frame: FrameType | None) -> bool:
    """Return whether a loading module shows, without its source, that the name is in its code.

    It is that of a class whose decorator requests its logger, which is checked on use: by then, the module has the
    class. Or it is the module's own name followed by one of its constants.
    """
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return False
        if frame.f_code.co_name == "<module>":
            break
        frame = frame.f_back
    else:
        return False
    module, code = frame.f_globals.get("__name__"), frame.f_code
    if type(module) is not str or not name.startswith(f"{module}."):
        return False
    own = name.removeprefix(module)
    if own[1:] in code.co_names:
        return True
    if (own in code.co_consts or own[1:] in code.co_consts) and module_proven(module):
        text.remember_name(name)
        return True
    return False


def _names_code(name: str) -> bool:
    """Return whether the name is that of a loaded module or a class in one."""
    if module_proven(name):
        return True
    # A class's name, as SQLAlchemy uses for loggers. The source that composes it is in its largest file.
    package, _, cls = name.rpartition(".")
    found = vars(sys.modules[package]).get(cls) if package in sys.modules else None
    if not is_a(found, type) or found.__name__ != cls or not module_proven(package) or class_name(found) is None:
        return False
    text.remember_name(name)
    return True


def _is_literal(name: str) -> bool:
    if text.is_name(name):
        return True
    if name not in logging.root.manager.loggerDict or name in _searched:
        return False
    # The logger was requested before its name could be proven: the module that holds it has the literal.
    _searched.keep(name, None)
    for module, key in _held_loggers(loaded_state()).get(name, ()):
        index = index_of(module)
        if index is not None and _is_bound_to(key, name, index):
            text.remember_name(name)
            return True
    return False


def _is_bound_to(key: str, name: str, index: SourceIndex) -> bool:
    """Return whether a module's source binds `key` by an expression that has `name`; data may pick it from a table."""
    follower = follower_of(index.module, None)
    with allowance.of(_STEPS):
        found = Texts(texts_in(list(index.names.get(key, ())), follower))
    return name in found.literals


@lru_cache(maxsize=1)
def _held_loggers(_: Loaded) -> dict[str, list[tuple[str, str]]]:
    """Return the modules that hold a logger and its key in them, by its name, for these loaded modules.

    All at once: an application may have a logger for each of its tenants, and looking through every module for each of
    them would take milliseconds.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for module in list(sys.modules.values()):
        if is_a(module, ModuleType):
            for key, value in list(vars(module).items()):
                if is_a(value, logging.Logger):
                    found.setdefault(value.name, []).append((module.__name__, key))
    return found
