"""The messages that classes of a validation library declare: `error_messages = {…}`, `Regexp("…", error="…")`.

Such a library collects messages first and raises them later, where no frame tells which class they came from. Any
message counts that a loaded class declares, or that one of its methods raises, if it is a sentence of its class's
source.
"""

from __future__ import annotations

import ast
import sys
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import is_a, subclasses
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.forms import Piece, compiled_into
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.places import NO_TEXTS, Texts
from pazpaz_otel.redact.provenance.resolving import dotted
from pazpaz_otel.redact.provenance.source import expressions_of, statements_inside
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

_DJANGO: Final = (
    ("django.core.validators", None),
    ("django.db.models.fields", "Field"),
    ("django.forms.fields", "Field"),
    ("django.forms.forms", "BaseForm"),
    ("django.db.models.base", "Model"),
)
_LIBRARIES: Final = {
    "marshmallow.exceptions": (
        ("marshmallow.schema", "Schema"),
        ("marshmallow.fields", "Field"),
        ("marshmallow.validate", "Validator"),
    ),
    "rest_framework.exceptions": (
        ("rest_framework.fields", "Field"),
        ("rest_framework.validators", None),
        ("rest_framework.pagination", "BasePagination"),
        ("rest_framework.parsers", "BaseParser"),
        *_DJANGO,
    ),
    "django.core.exceptions": _DJANGO,
}
"""Where the classes that declare messages are, by the module of the exception; `None`: each class of the module."""
_PACKAGES: Final = frozenset(name.partition(".")[0] for name in _LIBRARIES)
_PARAMETERS: Final = frozenset({"error", "message"})
_ATTRIBUTES: Final = ("message", "messages", "detail")
_MAX_CLASSES: Final = 4096

_known: FifoCache[int, tuple[type, Texts]] = FifoCache(1024)


def declared_message(error: type, text: str) -> str | None:
    """Return what may leave of a text: a declared message, its template, or the name of a field that a class declares.

    Args:
        error: the class of the exception.
        text: a text in its message.
    """
    for cls in islice(_classes(error), _MAX_CLASSES):
        found = _texts_of(cls).leaving(text)
        if found is not None:
            return found
    return None


def _texts_of(cls: type) -> Texts:
    known = _known.get(id(cls))
    if known is not None:
        return known[1]
    index = index_of(cls.__module__)
    # A module that isn't loaded now may be later.
    return _known.keep(id(cls), (cls, Texts(_declared(cls, index))))[1] if index is not None else NO_TEXTS


def _classes(error: type) -> Iterator[type]:
    roots = next((_LIBRARIES[base.__module__] for base in error.__mro__ if base.__module__ in _LIBRARIES), ())
    declaring: list[object] = []
    for name, root in roots:
        module = sys.modules.get(name)
        declaring += [getattr(module, root, None)] if root is not None else vars(module).values() if module else ()
    classes = [cls for cls in declaring if isinstance(cls, type) and cls.__module__ != "builtins"]
    yield from (cls for cls in error.__mro__ if roots and cls.__module__ != "builtins")
    yield from subclasses(*classes)


def _declared(cls: type, index: SourceIndex) -> Iterator[Parts]:
    fields = vars(cls).get("_declared_fields", ())
    for name, values in index.attributes_of(cls.__qualname__).items():
        if name in fields or ("_meta" in vars(cls) and any(isinstance(value, ast.Call) for value in values)):
            yield (Piece(name, name),)
        for value in values:
            is_own = name == "errors" or name.endswith(_ATTRIBUTES)
            for node in _of_used_keys(value, cls, name) if is_own else _messages_in(value, cls):
                for inner in ast.walk(node):
                    text = inner.value if isinstance(inner, ast.Constant) else None
                    if type(text) is str and " " in text and text in index.strings:
                        yield (Piece(text, text),)
    yield from _raised(cls, index)


def _of_used_keys(value: ast.expr, cls: type, name: str) -> Iterable[ast.expr]:
    """Return a message; of a table, those under keys that functions of the module name or a base of the library has.

    Data may be the key otherwise, `self.fail(code)`, and any number a list's index.
    """
    tables = [node for node in ast.walk(value) if isinstance(node, (ast.Dict, ast.List, ast.Tuple)) or _is_dict(node)]
    if not tables:
        return [value]
    used: set[object] = set()
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] in _PACKAGES:
            table = vars(base).get(name)
            used.update(table if type(table) is dict else ())
        elif (index := index_of(base.__module__)) is not None:
            nodes = (node for function in index.functions.values() for node in ast.walk(function))
            used.update(key.value for node in nodes for key in _keys_in(node) if isinstance(key, ast.Constant))
    return [message for table in tables for key, message in _items_of(table) if key in used]


def _is_dict(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"


def _items_of(table: ast.AST) -> Iterator[tuple[object, ast.expr]]:
    match table:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield (key.value if isinstance(key, ast.Constant) else None), value
        case ast.Call(keywords=given):
            yield from ((one.arg, one.value) for one in given)


def _keys_in(node: ast.AST) -> Iterable[ast.expr]:
    """Return what an expression may look a message up by: `self.fail("late")`, `self.error_messages["late"]`."""
    match node:
        case ast.Call(args=given):
            return given
        case ast.Subscript(slice=key):
            return (key,)
    return ()


def _messages_in(value: ast.expr, cls: type) -> Iterator[ast.expr]:
    for node in ast.walk(value):
        if not isinstance(node, ast.Call):
            continue
        for item in node.keywords:
            if item.arg == "error_messages":
                yield from _of_used_keys(item.value, _made(node.func, cls), "default_error_messages")
            elif item.arg in _PARAMETERS:
                yield item.value


def _made(func: ast.expr, cls: type) -> type:
    """Return the class that a call in another class's body makes an object of, or that one."""
    found: Any = sys.modules.get(cls.__module__)
    for name in (dotted(func) or "").split("."):
        found = getattr(found, name, None) if isinstance(found, (ModuleType, type)) else None
    return found if is_a(found, type) else cls


def _raised(cls: type, index: SourceIndex) -> Iterator[Parts]:
    """Yield the sentences that the class's own methods raise."""
    for function in index.methods_of(cls):
        follower = follower_of(index.module, function)
        raised = (node for node in statements_inside(function) if isinstance(node, ast.Raise))
        for statement in raised:
            for parts in texts_in(expressions_of(statement), follower):
                told = "".join(part.text for part in parts if isinstance(part, Piece))
                if " " in told.strip() and compiled_into(parts, index.strings):
                    yield parts
