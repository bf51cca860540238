"""Prove texts that a thread, timer, pool, event loop or partial passes to a logger's method.

`Thread(target=log.info, args=("sync started",))` runs no statement of the application when it logs. The module that
holds the logger also holds the text, in a call with the logger's method among its arguments.

An installed package may keep its formats in its modules, and hand them to its logger through objects of its own. Celery
logs a failed task by a policy that it looks up for the error. The policy holds one of its module's formats, with the
white space around it removed: neither the running function nor its statement has a constant of that text.
"""

from __future__ import annotations

import ast
import logging
import sys
from functools import partial
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.bindings import parameters_of
from pazpaz_otel.redact.provenance.callers import LOGGING, first_outside
from pazpaz_otel.redact.provenance.calls import is_partial
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.following import Follower
from pazpaz_otel.redact.provenance.forms import compiled_into, has_word
from pazpaz_otel.redact.provenance.installed import file_of, is_installed
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import NO_TEXTS, Texts
from pazpaz_otel.redact.provenance.resolving import arguments_of
from pazpaz_otel.redact.provenance.source import parse_file, read_lines
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from pazpaz_otel.redact.provenance.forms import Parts

_MAX_MODULES: Final = 16

_GETTERS: Final = frozenset({"getattr", "attrgetter", "methodcaller"})
_COMMON: Final = frozenset({"error", "exception", "info"})
_MIXED: Final = Texts(())
_NO_NAMES: Final = Follower(None, {})

_texts: FifoCache[str, Texts] = FifoCache(256)
# Also keyed by the number of loaded modules: a module imported later may hold the logger, too.
_holders: FifoCache[tuple[str, Loaded], tuple[str, ...]] = FifoCache(256)
_formats: FifoCache[str, frozenset[str]] = FifoCache(256)


def deferred(text: str, logger: str, frame: FrameType | None) -> str | None:
    """Return what may leave of a text that no statement of the application logs, or None."""
    if not _is_handed_on(frame):
        return None
    texts = [_texts_of(module) for module in _modules_of(logger)]
    if _MIXED not in texts:
        found = next((found for one in texts if (found := one.leaving(text)) is not None), None)
        if found is not None:
            return found
    return kept_format(text, frame)


def _is_handed_on(frame: FrameType | None) -> bool:
    """Return whether code other than the application's calls the logger."""
    caller = first_outside(frame, LOGGING)
    return caller is None or is_installed(caller.f_code.co_filename)


def _modules_of(logger: str) -> tuple[str, ...]:
    """Return the application's modules that hold a logger; usually its name is the module's."""
    key = logger, loaded_state()
    known = _holders.get(key)
    if known is not None:
        return known
    wanted = logging.getLogger(logger)
    found = [name for name, module in list(sys.modules.items()) if _holds(module, wanted)]
    return _holders.keep(key, tuple(found[:_MAX_MODULES]))


def _holds(module: object, logger: logging.Logger) -> bool:
    held = getattr(module, "__dict__", {})
    file = file_of(held)
    if type(file) is not str or is_installed(file):
        return False
    # Compare by identity, because an application's values may define any comparison.
    wanted = logging if logger is logging.root else logger
    return any(
        value is wanted or (type(value) is MethodType and value.__self__ is wanted) for value in list(held.values())
    )


def _texts_of(module: str) -> Texts:
    """Return the texts that a module passes on with a logger's method, or `_MIXED` if it also passes on others."""
    known = _texts.get(module)
    if known is not None:
        return known
    index = index_of(module)
    file = file_of(index.module) if index is not None else None
    lines = read_lines(file, index.module) if index is not None and type(file) is str else None
    if index is None or lines is None or type(file) is not str:
        return _texts.keep(module, NO_TEXTS)
    found = _Handed(parse_file(file, lines), index.module).texts()
    if found is None:
        return _texts.keep(module, _MIXED)
    return _texts.keep(module, Texts(form for form in found if compiled_into(form, index.strings)))


class _Handed:
    """The calls of a module that are given a logger's method.

    Whatever calls a method that is given without a text may pass data, and no frame tells which of the two is running.
    """

    def __init__(self, tree: ast.Module, module: Mapping[str, object]) -> None:
        nodes = list(ast.walk(tree))
        # Another module's methods of loggers, perhaps.
        self._aliases = {name for name, value in list(module.items()) if _is_bound(value)}
        # What is called, what an attribute is read of, `math.log`, and what is probably data: `result.error`.
        self._others = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self._others.add(id(node.value))
                owner = module.get(node.value.id) if isinstance(node.value, ast.Name) else None
                if (isinstance(owner, ModuleType) and owner is not logging) or (
                    node.attr in _COMMON and "log" not in ast.unparse(node.value).lower()
                ):
                    self._others.add(id(node))
        self._calls = [node for node in nodes if isinstance(node, ast.Call)]
        self._texts = {id(call): _texts_of_call(call, self._is_method) for call in self._calls}
        self._aliases.update(name for node in nodes for name in self._bound_by(node))

    def texts(self) -> list[Parts] | None:
        """Return the texts that are given beside a method, or None if a method is given without one."""
        for call in self._calls:
            for value in arguments_of(call):
                if self._is_open(value) and not self._texts[id(call)] and not is_partial(call):
                    return None
        return [form for forms in self._texts.values() for form in forms]

    def _is_open(self, node: ast.AST) -> bool:
        """Return whether an expression has a logger's method in it that isn't given its text there."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if not (isinstance(one, ast.Call) and self._texts[id(one)]):
                if self._is_method(one):
                    return True
                waiting.extend(ast.iter_child_nodes(one))
        return False

    def _bound_by(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Assign(targets=targets, value=ast.expr() as value):
                pass
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ):
                targets = [target]
            case ast.arguments():
                yield from (name for name, value in parameters_of(node) if value is not None and self._is_open(value))
                return
            case _:
                return
        if self._is_open(value):
            for inner in (inner for target in targets for inner in ast.walk(target)):
                if isinstance(inner, (ast.Name, ast.Attribute)):
                    yield inner.id if isinstance(inner, ast.Name) else inner.attr

    def _is_method(self, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(attr=name):
                return (name in LOG_METHODS or name in self._aliases) and id(node) not in self._others
            case ast.Name(id=name):
                return name in self._aliases and id(node) not in self._others
            case ast.Call(func=ast.Name(id=func) | ast.Attribute(attr=func)) if func in _GETTERS:
                return any(isinstance(value, ast.Constant) and value.value in LOG_METHODS for value in node.args) or (
                    func == "getattr" and any("log" in ast.unparse(value).lower() for value in node.args[:1])
                )
        return False


def _is_bound(value: object) -> bool:
    if type(value) is partial:
        return not any(type(given) is str for given in value.args) and _is_bound(value.func)
    return type(value) is MethodType and issubclass(type(value.__self__), logging.Logger)


def _texts_of_call(call: ast.Call, is_method: Callable[[ast.AST], bool]) -> list[Parts]:
    """Return the message's forms in a call that is given a logger's method, or none if the source doesn't tell all."""
    method = next((value for value in arguments_of(call) if is_method(value)), None)
    if method is None:
        return []
    skipped = 1 if isinstance(method, ast.Attribute) and method.attr == "log" else 0
    texts: list[ast.expr] = []
    if method in call.args:
        texts = call.args[call.args.index(method) + 1 + skipped :][:1]
        if texts and isinstance(texts[0], (ast.List, ast.Tuple)):
            texts = texts[0].elts
    for item in call.keywords:
        match item:
            case ast.keyword(arg="args", value=ast.Tuple(elts=values) | ast.List(elts=values)):
                texts = values[skipped:][:1]
            case ast.keyword(arg="kwargs", value=ast.Dict(keys=keys, values=values)):
                texts = texts or [
                    value
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and key.value == "msg"
                ]
            case ast.keyword(arg="msg", value=value):
                texts = texts or [value]
    forms = [forms_of(one, _NO_NAMES) for text in texts for one in _arms(text)]
    return [form for several in forms for form in several] if all(forms) else []


def _arms(text: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression may be, as one of which only an arm is a literal has that for its form."""
    match text:
        case ast.IfExp(body=body, orelse=other):
            yield from (*_arms(body), *_arms(other))
        case ast.BoolOp(values=values):
            for value in values:
                yield from _arms(value)
        case _:
            yield text


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
