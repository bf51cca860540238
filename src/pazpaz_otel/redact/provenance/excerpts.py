"""Words in running code: a host in a URL, a name in an SQL statement, a key of what the function writes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.places import Running, place_at
from pazpaz_otel.redact.provenance.source import locate, strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_MIN_LENGTH: Final = 3
_MAX_LENGTH: Final = 253


def stands_within(word: str, frame: FrameType) -> bool:
    """Return whether a text of a running statement contains a word, with no other word character around it.

    Args:
        word: the word.
        frame: the application's innermost frame.
    """
    if not _MIN_LENGTH <= len(word) <= _MAX_LENGTH:
        return False
    whole = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
    return any(whole.search(text) for text in _texts(frame))


def written_as_key(word: str, frame: FrameType) -> bool:
    """Return whether the running function writes a key of this text: a comparison with it, or a table of it, isn't one.

    Args:
        word: the key.
        frame: the function's frame, whichever of its statements runs.
    """
    located = locate(frame.f_code, frame.f_lasti, frame.f_globals, whole=True)
    if located is None or word not in strings_of(frame.f_code):
        return False
    return any(word in _keys_at(inner) for node in located.nodes for inner in ast.walk(node))


def _keys_at(node: ast.AST) -> list[object]:
    keys: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        keys = list(node.keys)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        keys = [node.slice]
    elif isinstance(node, ast.Call):
        setter = isinstance(node.func, ast.Attribute) and node.func.attr.startswith("set_")
        named = [keyword.arg for keyword in node.keywords]
        return [*named, *(argument.value for argument in node.args[:setter] if isinstance(argument, ast.Constant))]
    return [key.value for key in keys if isinstance(key, ast.Constant)]


def _texts(frame: FrameType) -> Iterator[str]:
    for spot in Running(frame):
        place = place_at(spot)
        if place.is_installed:
            continue
        for texts in (place.own, place.followed):
            yield from texts.literals
            for form in texts.forms:
                yield from form.literals
