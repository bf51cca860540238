"""The texts in an object's own class that flow into what it says: literal attributes, and what its methods compose.

They are found backwards, from what the object prints and what its constructor hands to its base. Each step is one
that passes a text on as it is; what data looks up passes nothing.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact.fifo_cache import remembering
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.displays import CHANGERS, CHOOSERS, FILLERS, PICKERS
from pazpaz_otel.redact.provenance.following import class_attribute, follower_of
from pazpaz_otel.redact.provenance.forms import Hole, compiled_into
from pazpaz_otel.redact.provenance.handing import Filling
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.places import Texts
from pazpaz_otel.redact.provenance.resolving import arguments_of, name_of_called
from pazpaz_otel.redact.provenance.source_index import index_of, index_of_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

_PRINTING: Final = frozenset({"filter", "format", "process", "__call__", "__format__", "__repr__", "__str__"})
"""Methods that `logging` and printing call."""
_GIVEN: Final = frozenset({"__init__", "__new__"})
_SAID: Final = frozenset({"args", "msg"})
"""Attributes that hold what an exception or a log record says."""
_EACH: Final = (ast.GeneratorExp, ast.ListComp)
_STOPS: Final = CHOOSERS | PICKERS
_FILLING: Final = Filling(None)


@remembering(1024)
def class_texts(cls: type) -> Texts:
    """Return the texts of a class and its bases that what an object of it says may be made of."""
    return Texts(_Flow(cls).texts(), _FILLING)


class _Method:
    """A method, with what its source says of its names.

    Args:
        function: its definition.
        index: its module.
    """

    def __init__(self, function: Function, index: SourceIndex) -> None:
        self.name = function.name
        self.index = index
        self.follower = follower_of(index.module, function)
        self.body = self.follower.body
        arguments = [*function.args.posonlyargs, *function.args.args]
        self.owner = arguments[0].arg if arguments else None
        """The name of its object or class."""


class _Step(NamedTuple):
    """An expression whose text flows into what the object says.

    Attributes:
        node: the expression.
        method: the method it is in.
        is_composed: whether only its texts with values count.
        is_passed: whether a function receives it, which may pick from what it holds.
    """

    node: ast.expr
    method: _Method
    is_composed: bool = False
    is_passed: bool = False


class _Flow:
    """What flows into the texts of a class's objects.

    Args:
        cls: the class.
    """

    def __init__(self, cls: type) -> None:
        self._cls = cls
        indexes = [(base, index_of_class(base)) for base in cls.__mro__ if base.__module__ != "builtins"]
        self._methods = [
            _Method(function, index)
            for base, index in indexes
            if index is not None
            for function in index.methods_of(base)
        ]
        self._names = {base.__name__ for base in cls.__mro__}

    def texts(self) -> Iterator[Parts]:
        """Yield the texts."""
        waiting = [step for method in self._methods for step in self._ends(method)]
        seen: set[tuple[int, bool, bool]] = set()
        while waiting:
            step = waiting.pop()
            key = id(step.node), step.is_composed, step.is_passed
            if key in seen:
                continue
            seen.add(key)
            forms = forms_of(step.node, step.method.follower)
            for parts in (*forms, *self._attributes(step)):
                is_told = not step.is_composed or any(isinstance(part, Hole) for part in parts)
                if is_told and compiled_into(parts, step.method.index.strings):
                    yield parts
            for inner in self._before(step, is_told=bool(forms)):
                # A list may be cut, too: `texts[:count]`.
                is_passed = isinstance(step.node, ast.Subscript) or (step.is_passed and not _is_join(step.node))
                waiting.append(inner._replace(is_composed=step.is_composed, is_passed=inner.is_passed or is_passed))

    def _ends(self, method: _Method) -> Iterator[_Step]:
        """Yield what a method prints, hands to its base, or makes another object of its class of."""
        name = method.name
        if name in _PRINTING:
            yield from (_Step(value, method) for value in method.body.returned if value is not None)
        for attribute in _SAID:
            yield from (_Step(value, method) for value in method.body.assigned.get(f".{attribute}", ()))
        for node in method.body.nodes:
            if isinstance(node, ast.Call):
                is_given = isinstance(node.func, ast.Attribute) and node.func.attr in _GIVEN
                if is_given or self._is_own(node.func, method):
                    yield from (_Step(value, method, not is_given) for value in arguments_of(node))

    def _is_own(self, node: ast.expr, method: _Method) -> bool:
        """Return whether an expression is the object, or a class of its."""
        match node:
            case ast.Name(id=name):
                return name == method.owner or name in self._names
            case ast.Attribute(value=inner, attr="__class__"):
                return self._is_own(inner, method)
            case ast.Call(func=ast.Name(id="type" | "super")):
                return True
        return False

    def _attributes(self, step: _Step) -> tuple[Parts, ...]:
        """Return the texts that the class gives to an attribute of the object."""
        name = self._attribute(step.node, step.method)
        return class_attribute(self._cls, name) if name is not None else ()

    def _attribute(self, node: ast.expr, method: _Method) -> str | None:
        match node:
            case ast.Attribute(value=owner, attr=name) if self._is_own(owner, method):
                return name
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as name), *_]):
                return name if self._is_own(owner, method) else None
        return None

    def _before(self, step: _Step, *, is_told: bool) -> Iterator[_Step]:
        """Yield what an expression passes on.

        Args:
            step: the expression.
            is_told: whether the source tells a form of its text. If it doesn't, data may make a template pick a value.
        """
        node, method = step.node, step.method
        name = self._attribute(node, method)
        if name is not None:
            for other in self._methods:
                yield from (_held(value, other) for value in other.body.assigned.get(f".{name}", ()))
                if other.name == name:
                    yield from (_Step(value, other) for value in other.body.returned if value is not None)
            yield from (_Step(value, method) for value in getattr(node, "args", ())[2:])
        elif isinstance(node, ast.Name):
            yield from (_held(value, method) for value in method.body.assigned.get(node.id, ()))
        elif isinstance(node, ast.Call):
            yield from self._called(node, method, is_told=is_told)
        elif not isinstance(node, ast.BinOp) or is_told or self._attribute(node.left, method) is not None:
            yield from (_Step(value, method) for value in _inside(node, is_passed=step.is_passed))

    def _called(self, call: ast.Call, method: _Method, *, is_told: bool) -> Iterator[_Step]:
        func, given = call.func, arguments_of(call)
        name = name_of_called(func)
        is_passed = not self._is_own(func, method)
        if not name or name in _STOPS or name == "getattr":
            return
        if isinstance(func, ast.Attribute) and is_passed:
            is_method = self._is_own(func.value, method)
            yield _Step(func if is_method else func.value, method)
            if name in CHANGERS:
                given = []
            elif name in FILLERS:
                given = given if is_told or self._attribute(func.value, method) is not None else []
            elif name == "join":
                given, is_passed = [one.elt if isinstance(one, _EACH) else one for one in given], False
            elif is_method or not _is_library(method.follower.callable(func)):
                given = _only(given, method)
        elif is_passed and not _is_library(method.follower.callable(func)):
            given = _only(given, method)
        yield from (_Step(value, method, is_passed=is_passed) for value in given)


def _held(value: ast.expr, method: _Method) -> _Step:
    """Return the step to what a name holds: data may take some items of a list away before it is joined."""
    return _Step(value, method, is_passed=isinstance(value, (ast.List, ast.Tuple)) and len(value.elts) > 1)


def _is_join(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"


def _is_library(function: object) -> bool:
    module = getattr(function, "__module__", None)
    index = index_of(module) if type(module) is str else None
    return index is None or (index.module is not None and is_installed(str(index.module.get("__file__"))))


def _only(given: list[ast.expr], method: _Method) -> list[ast.expr]:
    """Return the arguments of a function of the application's, which may pick one of several texts."""
    return given if sum(_tells(value, method) for value in given) <= 1 else []


def _tells(value: ast.expr, method: _Method) -> bool:
    match value:
        case ast.Constant(value=told):
            return type(told) is str
        case ast.Name(id=name):
            return name in method.body.assigned
    return True


def _inside(node: ast.expr, *, is_passed: bool) -> Iterable[ast.expr]:  # noqa: PLR0911 - a list of forms
    match node:
        case ast.IfExp(body=body, orelse=other):
            return (body, other)
        case ast.List(elts=values) | ast.Tuple(elts=values):
            return () if is_passed else values
        case ast.BoolOp(values=values):
            return values
        case ast.JoinedStr(values=values):
            return [value for value in values if isinstance(value, ast.FormattedValue)]
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return (left, right)
        case (
            ast.FormattedValue(value=value)
            | ast.Starred(value=value)
            | ast.NamedExpr(value=value)
            | ast.Await(value=value)
            | ast.Subscript(value=value, slice=ast.Slice(lower=None, step=None))
        ):
            return (value,)
    return ()
