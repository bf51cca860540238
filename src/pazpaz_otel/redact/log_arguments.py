"""What a log call's arguments tell: names of classes and functions, and texts that the source gives them.

`log.error("%s failed", type(error).__name__)`, `log.info("now %s", State.OPEN)`, a parameter of a helper.
"""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.call_constants import is_given
from pazpaz_otel.redact.provenance.calls import composed
from pazpaz_otel.redact.provenance.class_names import NAME_ENDS, named
from pazpaz_otel.redact.provenance.composition import shown
from pazpaz_otel.redact.provenance.enclosing import around_of
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.forms import compiled_into, has_word
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import Spot, Texts, first_outside
from pazpaz_otel.redact.provenance.resolving import label_of
from pazpaz_otel.redact.provenance.source import locate, strings_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts

_LOGGING: Final = ("logging", "opentelemetry.instrumentation.logging", "pazpaz_otel.")
"""Modules between a log call and the record factory."""
_CONTEXTS: Final = (contextlib.__name__,)
_MAX_MISSES: Final = 4


class _Argument:
    """An argument of a log call.

    Attributes:
        label: its expression.
        texts: the texts that the source gives it.
        forms: the compositions that the source makes for it.
        misses: how many times in a row the caller's literals didn't tell its value.
    """

    __slots__ = ("forms", "label", "misses", "texts")

    def __init__(self, label: str, found: Iterable[Parts] = ()) -> None:
        made = Texts(found)
        self.label = label
        self.texts = made.literals
        self.forms = tuple(form for form in made.forms if not form.is_given)
        self.misses = 0

    def told(self, value: str) -> str | None:
        """Return what the source itself tells of a value."""
        if value in self.texts:
            return value
        return next((form.template for form in self.forms if form.matches(value)), None)


_arguments: FifoCache[tuple[int, int], tuple[CodeType, list[_Argument | None]]] = FifoCache(2048)
_passed: FifoCache[tuple[int, int, int, str], tuple[tuple[CodeType, CodeType], str]] = FifoCache(1024)
"""The literals that calls pass to parameters."""
_statements: FifoCache[tuple[str, int], bool] = FifoCache(2048)
"""Whether the arguments of the statements with a template and line tell something; finding the frame is slow."""


def argument_text(value: str, index: int, template: str, frame: FrameType, line: int) -> str | None:
    """Return what the source tells of a value: the name of a loaded class or function, a constant, a composition.

    Args:
        value: the value.
        index: its position among the template's values.
        template: the template.
        frame: the innermost frame.
        line: the line of the log call.
    """
    if _statements.get((template, line)) is False:
        return None
    caller = first_outside(frame, _LOGGING)
    if caller is None:
        return None
    arguments = _arguments_at(caller, template)
    if (template, line) not in _statements:
        _statements.keep((template, line), any(arguments))
    argument = arguments[index] if index < len(arguments) else None
    if argument is None:
        return None
    found = argument.told(value)
    if found is not None or argument.forms or argument.misses >= _MAX_MISSES:
        return found
    if argument.label.endswith(NAME_ENDS):
        return named(argument.label, value, caller) if value.replace(".", "").isidentifier() else None
    is_passed = _is_passed(argument.label, value, caller)
    argument.misses = 0 if is_passed else argument.misses + 1
    if argument.misses >= _MAX_MISSES and not argument.texts:
        arguments[index] = None
        _statements.keep((template, line), any(arguments))
    return value if is_passed else None


def _is_passed(label: str, value: str, frame: FrameType) -> bool:
    # A context manager runs below `contextlib`; the `with` statement above it has the literals.
    outer = first_outside(frame.f_back, _CONTEXTS)
    if outer is None or not has_word(value):
        return False
    codes = frame.f_code, outer.f_code
    key = id(codes[0]), id(codes[1]), outer.f_lasti, label
    known = _passed.get(key)
    if known is not None and known[1] == value:
        return True
    spots = (Spot(each.f_code, each.f_lasti, each.f_globals, each) for each in (frame, outer))
    is_passed = is_given(label, value, *spots)
    if is_passed and not codes[0].co_freevars and "." not in label:
        # Only what the call itself passes is the same each time: objects and closures differ.
        _passed.keep(key, (codes, value))
    return is_passed


def _arguments_at(frame: FrameType, template: str) -> list[_Argument | None]:
    code = frame.f_code
    key = id(code), frame.f_lasti
    known = _arguments.get(key)
    if known is not None:
        return known[1]
    located = locate(code, frame.f_lasti, frame.f_globals)
    nodes = [inner for node in (located.nodes if located is not None else ()) for inner in ast.walk(node)]
    calls = [list(node.args) for node in nodes if isinstance(node, ast.Call) and _is_log(node.func)]
    found: list[_Argument | None] = []
    if located is not None and len(calls) == 1 and not any(isinstance(value, ast.Starred) for value in calls[0]):
        follower = follower_of(frame.f_globals, located.function, around=around_of(code, frame.f_globals))
        # What comes before the template is a level.
        start = next((at for at, value in enumerate(calls[0]) if _is_text(value, template)), len(calls[0]))
        found = [_argument(value, code, follower) for value in calls[0][start + 1 :]]
    return _arguments.keep(key, (code, found))[1]


def _argument(value: ast.expr, code: CodeType, follower: Follower) -> _Argument | None:
    label = label_of(value) or ""
    if label.endswith(NAME_ENDS):
        return _Argument(label)
    if is_installed(code.co_filename):
        return None
    # What a name holds may be data with a word of the source; a helper composes for the place.
    texts = [
        form
        for form in shown(value, follower, is_labelled=False)
        if compiled_into(form, strings_of(code)) and (isinstance(value, ast.Call) or not composed((form,)))
    ]
    parameters = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], *code.co_freevars}
    return _Argument(label, texts) if texts or label.partition(".")[0] in parameters else None


def _is_log(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in LOG_METHODS


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value == text)
