"""An index of the code that imported modules were compiled from: the names in it, and its length."""

from __future__ import annotations

import os
import re
import sys
import tokenize
from contextlib import suppress
from functools import lru_cache
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard, TypeVar

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.installed import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COPIED: Final = "__mp_main__"
_MAIN: Final = "__main__"
MAIN_MODULES: Final = frozenset({_MAIN, _COPIED})
_LOKY: Final = re.compile(r"([\w.]+\.)?loky\.backend\.popen_loky_posix", re.ASCII)
"""The module that joblib's loky runs as the main one of its processes."""


class Compiled(NamedTuple):
    """The index of a module's code.

    Attributes:
        functions: the names, qualified and unqualified, of functions and class bodies.
        words: other words that may name a class: names that are read or set, and texts that are identifiers.
        variables: the names of local variables and parameters.
        lines: the number of the last line.
    """

    functions: frozenset[str]
    words: frozenset[str]
    variables: frozenset[str]
    lines: int

    def has_name(self, name: str) -> bool:
        """Return whether the code contains an identifier."""
        return name in self.words or name in self.variables or name in self.functions


_compiled: FifoCache[str, Compiled | None] = FifoCache(512)


T = TypeVar("T")
_space: Final = type.__dict__["__dict__"].__get__
"""Return a class's own names, whatever its metaclass says of them."""


def is_a(value: object, cls: type[T] | tuple[type[T], ...]) -> TypeGuard[T]:
    """Return whether an object is of a class; `isinstance` would run the code of a proxy, such as Django's settings."""
    return issubclass(type(value), cls)


def own_attributes(value: object) -> Mapping[str, Any]:
    """Return the attributes that an object itself holds; neither a property nor a `__getattr__` runs."""
    spaces = map(_space, type(value).__mro__)
    slot: Any = next((space["__dict__"] for space in spaces if "__dict__" in space), None)
    # Another class's answer is its own code, such as that of a proxy.
    return slot.__get__(value) if type(slot) in {GetSetDescriptorType, MemberDescriptorType} else {}


def subclasses(*roots: type) -> Iterator[type]:
    """Yield classes and those that derive from them, each once."""
    stack, seen = [*roots], set[int]()
    while stack:
        cls = stack.pop()
        if id(cls) not in seen:
            seen.add(id(cls))
            yield cls
            stack.extend(type.__subclasses__(cls))


def loaded(name: str) -> ModuleType | None:
    """Return the loaded module of a name.

    In a process of joblib's loky, `__main__` is loky's own, and functions of the program arrive by value. The arguments
    that the parent passes on have the program's path: a module of that path stands for it.
    """
    module = sys.modules.get(name)
    if not is_a(module, ModuleType):
        return None
    ran = getattr(module.__dict__.get("__spec__"), "name", None) if name == _MAIN else None
    if type(ran) is not str or not _LOKY.fullmatch(ran):
        return module
    folder = getattr(sys.modules.get("multiprocessing.process"), "ORIGINAL_DIR", None) or ""
    return _program(os.path.join(folder, str(*sys.argv[:1])))  # noqa: PTH118


@lru_cache(2)
def _program(file: str) -> ModuleType:
    module = ModuleType(_MAIN)
    module.__file__ = os.path.realpath(file)
    return module


def imported(name: str) -> bool:
    """Return whether a module of this name was imported; a module object that was only created may have any name."""
    found = sys.modules.get(name)
    return isinstance(found, ModuleType) and (name in MAIN_MODULES or found.__dict__.get("__spec__") is not None)


def is_loaded(namespace: Mapping[str, Any]) -> bool:
    """Return whether a namespace is the one of the loaded module of its name; code can be run in any other.

    For its own processes, `multiprocessing` runs a program's file again, and makes a module of a copy of its namespace.
    """
    name = namespace.get("__name__")
    module = loaded(name) if type(name) is str else None
    if module is None:
        return False
    held = module.__dict__
    if held is namespace or _is_sent(namespace):
        return True
    return name == _COPIED and any(one.__globals__ is namespace for one in _functions_in(held))


def _is_sent(namespace: Mapping[str, Any]) -> bool:
    """Return whether a namespace came with a function of the program into a process that doesn't run the program."""
    name = namespace.get("__name__")
    module = loaded(_MAIN) if type(name) is str and name == _MAIN else None
    main = sys.modules.get(_MAIN)
    if module is None or main is None or main.__dict__ is namespace:
        return False
    runs_program = module is main and main is not sys.modules.get(_COPIED)
    return not runs_program and is_same_file(file_of(namespace), file_of(module.__dict__))


def is_same_file(file: object, other: object) -> bool:
    """Return whether two paths are of one file."""
    if type(file) is not str or type(other) is not str:
        return False
    return file == other or os.path.realpath(file) == os.path.realpath(other)


def filename_of(code: CodeType, namespace: Mapping[str, Any]) -> str:
    """Return the name of the file that code says it is from.

    What cloudpickle sends says nothing; it is the program's if the program's file compiles to it.
    """
    if not _is_sent(namespace):
        return code.co_filename
    file: str = file_of(namespace)
    return file if code in _codes(file) else "<sent>"


@lru_cache(1)
def _codes(file: str) -> frozenset[CodeType]:
    root = code_of(_program(file))
    return frozenset(nested(root)) if root is not None else frozenset()


def _functions_in(namespace: Mapping[str, Any]) -> Iterator[FunctionType]:
    for value in list(namespace.values()):
        if type(value) is FunctionType:
            yield value
        elif is_a(value, type) and value.__module__ == _COPIED:
            yield from (member for member in vars(value).values() if type(member) is FunctionType)


def compiled_of(name: str) -> Compiled | None:
    """Return the index of the loaded module `name`, or `None` if it isn't Python."""
    if name in _compiled:
        return _compiled[name]
    module = loaded(name)
    if module is None:
        return None
    root = code_of(module)
    codes = list(nested(root)) if root is not None else []
    found = None
    if codes:
        functions = frozenset(part for code in codes for part in (code.co_name, code.co_qualname))
        last = max(line or 0 for code in codes for _, _, line in code.co_lines())
        words = frozenset(word for code in codes for word in _words(code))
        variables = frozenset(name for code in codes for name in _variables(code))
        found = Compiled(functions, words, variables, last)
    return _compiled.keep(name, found)


def _variables(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames + code.co_freevars + code.co_cellvars


def identifiers_of(code: CodeType, module: str) -> Iterator[str]:
    """Yield the identifiers in a code object that the source of its module has; `exec` makes code of any text."""
    compiled = compiled_of(module) if imported(module) else None
    if compiled is not None:
        for names in (code.co_names, _variables(code), code.co_qualname.split("."), flatten(code.co_consts)):
            yield from filter(compiled.has_name, names)


def flatten(value: object) -> Iterator[str]:
    """Yield the strings of a constant."""
    if type(value) is str:
        yield value
    elif type(value) is tuple or type(value) is frozenset:
        for item in value:
            yield from flatten(item)


def _words(code: CodeType) -> Iterator[str]:
    """Yield what may name a class that no statement defines: names that are read or set, and texts."""
    yield from code.co_names
    for value in code.co_consts:
        for text in value if type(value) is tuple else (value,):
            if type(text) is str and text.isidentifier():
                yield text


def code_of(module: ModuleType) -> CodeType | None:
    """Return the code of a loaded module, or None if it isn't Python."""
    spec: Any = module.__dict__.get("__spec__")
    with suppress(AttributeError, ImportError, OSError, SyntaxError, ValueError, EOFError):
        code = spec.loader.get_code(spec.name)
        if isinstance(code, CodeType):
            return code
    try:
        file = file_of(module.__dict__)
        with tokenize.open(file) as source:
            return compile(source.read(), file, "exec", dont_inherit=True)
    except (KeyError, OSError, SyntaxError, UnicodeError, ValueError, TypeError):
        return None


def readable_code(module: ModuleType) -> CodeType | None:
    """Return `code_of` a module, or None if its loader raises: what can't be read proves nothing."""
    try:
        return code_of(module)
    except Exception:  # noqa: BLE001 - a loader may raise anything
        return None


def nested(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all code objects inside it."""
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from nested(value)
