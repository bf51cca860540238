"""The words that routes, jobs and queues may be named by: those of the source, and of the process's configuration.

Code registers them, but their names may come from data: `for row in rows: app.get(f"/clients/{row.slug}")(show)`.
Frameworks join paths from pieces (prefixes, names of models, of methods), so each part between slashes and
placeholders is looked up by itself.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from itertools import pairwise
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import forks
from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.parsing import is_registered
from pazpaz_otel.redact.provenance.code_index import is_a, nested, own_attributes, readable_code
from pazpaz_otel.redact.provenance.installed import file_of, is_application
from pazpaz_otel.redact.provenance.module_index import function_proven, module_proven
from pazpaz_otel.redact.provenance.source import strings_of
from pazpaz_otel.redact.sql.class_tables import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_FRAMEWORKS: Final = frozenset("aiohttp blacksheep django falcon fastapi flask litestar pyramid starlette".split())
_SETTINGS: Final = "pydantic_settings.main"
_MAX_LENGTH: Final = 512
_MAX_REFUSED: Final = 1024
_PATH: Final = re.compile(r"[^\s#\x00-\x1f]+")
# `{id:path}`, `<int:id>`, `(?P<id>[^/.]{1,20})`: the names count, of an expression only what isn't its syntax. A class
# of characters has the usual ranges, signs and escapes, or it is a word: `[draft]`.
_SIGN: Final = r"!-/:-@\[^`{-~"
_ESCAPE: Final = rf"\\(?:[ABDSWZbdswz\]\\_]|[{_SIGN}])"
_SYNTAX: Final = re.compile(
    rf"\[(?:{_ESCAPE}|0-9|1-9|a-[fz]|A-[FZ]|[{_SIGN}]|_)*\]|{_ESCAPE}|\(\?P"
    r"|(?:(?<=[\]).])|(?<=\\[DSWdsw]))\{[0-9]{1,2}(?:,[0-9]{0,2})?\}"
)
# A sign that isn't ASCII tells something, also a letter's vowel; so do bytes in percent-encoding.
_LETTER: Final = r"(?:[^\x00-/:-`{-\x7f]|%[0-9a-f]{2})"
_WORD: Final = re.compile(rf"{_LETTER}(?:(?:{_LETTER}|[_.~@+-])*{_LETTER})?")
_BODY: Final = "__qualname__"
_WORKERS: Final = frozenset({"worker", "rqworker"})
# Any other option's value isn't a queue: `-n clinic`.
_BEFORE_QUEUES: Final = frozenset("-Q --queues --queue -q -b --burst -s --with-scheduler -v --verbose --quiet".split())
_QUEUES: Final = re.compile(r"[A-Za-z][\w.,:-]{0,99}")
_VERSION: Final = re.compile(r"v[1-9]")
# Converters and usual names of placeholders, what frameworks serve files by, and queues unless told otherwise.
_STANDARD: Final = frozenset(
    "int str string path uuid slug float default any date re regex pk id format static arq queue celery default"
    " drf_format_suffix swagger.json".split()
)


class RegisteredWords:
    """The words of the loaded modules; modules loaded later are read when they are needed."""

    def __init__(self) -> None:
        self._lock = forks.lock()
        # The application's, and those with the packages', which prove routes only.
        self._words = {False: set(_STANDARD), True: set(_STANDARD)}
        self._read: set[str] = set()
        self._states: dict[bool, Loaded | None] = {False: None, True: None}
        self._refused: dict[tuple[str, bool], Loaded] = {}
        self._sources: list[Callable[[], Iterable[str]]] = [lambda: _queues_of(sys.orig_argv)]

    def add(self, source: Callable[[], Iterable[str]]) -> None:
        """Register a configuration; `source` returns its paths and names now."""
        self._sources.append(source)

    def make_path(self, route: str) -> bool:
        """Return whether a route's path consists of known words."""
        # Packages only if the application itself doesn't say it: their code is a lot to read.
        return self._know(route, lambda words: words.issuperset(_words_of(route)), (False, True))

    def make_name(self, name: str) -> bool:
        """Return whether the name of a job or queue consists of known words, or is a loaded module's function."""
        module, _, function = name.rpartition(".")
        return (module_proven(module) and function_proven(module, function)) or self._know(
            name, lambda words: all(word in words or words.issuperset(word.split(".")) for word in _words_of(name))
        )

    def _know(self, text: str, is_made_of: Callable[[set[str]], bool], read: tuple[bool, ...] = (False,)) -> bool:
        state = loaded_state()
        key = text, read[-1]
        if self._refused.get(key) == state:
            return False
        if is_made_of(self._words[read[-1]]) or any(is_made_of(self._have_read(libraries)) for libraries in read):
            return True
        if len(self._refused) < _MAX_REFUSED:
            self._refused[key] = state
        return False

    def _have_read(self, libraries: bool) -> set[str]:
        with self._lock:
            state = loaded_state()
            if state != self._states[libraries]:
                found = {word for source in self._sources for text in source() for word in _words_of(text)}
                for name, module in list(sys.modules.items()):
                    if name not in self._read and is_a(module, ModuleType) and self._is_read(name, module, libraries):
                        words = set(_said_by(module, only_paths=libraries))
                        if not libraries:
                            words.update(_configured_in(module))
                            self._words[False].update(words)
                        self._words[True].update(words)
                        # Last, because a fork may stop this half-way.
                        self._read.add(name)
                for words in self._words.values():
                    words.update(found)
                self._states[libraries] = state
        return self._words[libraries]

    @staticmethod
    def _is_read(name: str, module: ModuleType, libraries: bool) -> bool:
        held = module.__dict__
        if is_application(name, held):
            return not libraries
        return libraries and type(file_of(held)) is str and any(map(_is_of_framework, list(held.values())))


def _queues_of(command: list[str]) -> Iterator[str]:
    """Yield what may be queues in a worker's command: `celery worker -Q urgent`, `rq worker urgent`."""
    at = next((number for number, argument in enumerate(command) if argument in _WORKERS), len(command))
    for before, argument in pairwise(command[at:]):
        if _QUEUES.fullmatch(argument) and (before in _BEFORE_QUEUES or not before.startswith("-")):
            yield argument


def _is_of_framework(value: object) -> bool:
    # Django's `path` is a partial.
    function = value.func if type(value) is partial else value
    module = function.__module__ if is_a(function, (type, FunctionType)) else None
    return type(module) is str and module.partition(".")[0] in _FRAMEWORKS


def _configured_in(module: ModuleType) -> Iterator[str]:
    """Yield the words that a module's constants and pydantic settings, read from a file, give to routes and queues."""
    for name, value in list(module.__dict__.items()):
        fields: Mapping[str, Any] = {name: value} if name.isupper() else {}
        if any(base.__dict__.get("__module__") == _SETTINGS for base in type(value).__mro__):
            fields = own_attributes(value)
        for field, held in list(fields.items()):
            if type(held) is str and is_registered(field, held):
                yield from _words_of(held)


def _said_by(module: ModuleType, *, only_paths: bool) -> Iterator[str]:
    """Yield the words of a module's texts, and of its names, which frameworks make paths of."""
    root = readable_code(module)
    if root is None:
        return
    if not only_paths and module_proven(module.__name__):
        yield from map(str.lower, module.__name__.split("."))
    for code in nested(root):
        for text in strings_of(code):
            if len(text) <= _MAX_LENGTH and (not only_paths or "/" in text or "(?P<" in text) and _PATH.fullmatch(text):
                yield from _words_of(text)
        is_class = _BODY in code.co_names
        if not only_paths:
            names = (code.co_name, *code.co_varnames, *(code.co_names if is_class else ()))
            yield from (form for name in map(str.lower, names) for form in (name, name.replace("_", "-")))
            if is_class:
                yield from _generated_from(code.co_name)
        elif is_class and module.__name__.endswith(".models"):
            # An admin's paths have the names of models, also of packages.
            yield code.co_name.lower()


def _generated_from(name: str) -> Iterator[str]:
    """Yield what generators of routes make of a class's name: `BoxKind`, `box-kinds`, `box_kind_id`."""
    for form in names_of(name):
        yield from (form, form.replace("_", "-"), f"{form}_id", f"{form}_id".replace("_", "-"))


def _words_of(path: str) -> Iterator[str]:
    for word in _WORD.findall(_SYNTAX.sub(" ", path).lower()):
        if not _VERSION.fullmatch(word):
            yield word
