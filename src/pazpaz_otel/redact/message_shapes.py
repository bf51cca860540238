"""Prove the messages of exceptions by the shape that a base class gives them: HTTP's, the system's, groups', arguments.

Each function takes the exception, its message, and what judges a text in it, and returns what may leave, or None.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import islice
from types import FunctionType
from typing import Any, Final

from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance.forms import HOLE, MESSAGE_SPACES, has_word
from pazpaz_otel.redact.quoted_errors import show_parts

_CONTAINERS: Final = (dict, list, tuple)
_UNKNOWN: Final = "?"
_FILE_NAME: Final = re.compile(r"'[^']*'")
_FILE_NAMES: Final = re.compile(r": '[^']*'(?: -> '[^']*')?", re.DOTALL)
_MAX_ITEMS: Final = 32

Judge = Callable[[object], str | None]
"""Returns what may leave of a text, or None."""


def of_http(exc: BaseException, text: str, known: Judge) -> str | None:
    """Return the guarded form of Starlette's and Werkzeug's message: ``404: Client not found``."""
    status, detail = getattr(exc, "status_code", None), getattr(exc, "detail", None)
    if not (type(status) is int and 100 <= status <= 599) or text != f"{status}: {detail}":  # noqa: PLR2004
        return None
    if type(detail) is str and detail == _phrase(status):
        return text
    shown = known(detail) if type(detail) is str else _shown(detail, known)
    return None if shown is None else f"{status}: {shown}"


def _os_message(exc: BaseException, text: str, known: Judge) -> str | None:
    """Return the operating system's message, with holes for the file names that follow it."""
    number = exc.errno if isinstance(exc, OSError) else None
    if type(number) is not int or number not in errno.errorcode:
        return None
    system = os.strerror(number)
    told = system if text.startswith(f"[Errno {number}] {system}") else exc.strerror  # type: ignore[attr-defined]
    shown = system if told is system else known(told)
    names = text.removeprefix(f"[Errno {number}] {told}")
    if shown is None or names == text:
        return None
    found = f"[Errno {number}] {shown}"
    return found + _FILE_NAME.sub("'{…}'", names) if names and _FILE_NAMES.fullmatch(names) else found


def _group_message(exc: BaseException, text: str, known: Judge) -> str | None:
    """Return the guarded form of an exception group's message: ``several failed (3 sub-exceptions)``."""
    if not isinstance(exc, BaseExceptionGroup):
        return None
    shown, count = known(exc.message), len(exc.exceptions)
    tail = f" ({count} sub-exception{'s' if count != 1 else ''})"
    return shown + tail if shown is not None and text == exc.message + tail else None


def _args_message(exc: BaseException, text: str, known: Judge) -> str | None:
    """Return the guarded form of several arguments (`BaseException`), or of the only one (`KeyError`)."""
    held = (getattr(exc, name, None) for name in ("message_dict", "messages", "detail"))
    args = next(((told,) for told in held if isinstance(told, (dict, list)) and text == said(told)), exc.args)
    if len(args) == 1:
        if isinstance(args[0], str) and text == repr(args[0]):
            shown = known(args[0])
            return None if shown is None else repr(shown)
        return _shown(args[0], known) if isinstance(args[0], _CONTAINERS) and text == said(args[0]) else None
    # A group's arguments are its members, which needn't be asked.
    is_all = len(args) > 1 and text.startswith("(") and text == said(args)
    return _shown(args, known, _UNKNOWN) if is_all else None


def _attribute_message(exc: BaseException, text: str, known: Judge) -> str | None:
    """Return the guarded message of a class that prints an attribute between values: ``[409] the room is taken``."""
    held = (*vars(exc).values(), *(exc.args if type(type(exc).__str__) is FunctionType else ()))
    told = {value for given in held for value in _items(given) if value != text and value in text}
    parts: list[tuple[str, str]] = []
    for value in sorted(told, key=len, reverse=True):
        shown = known(value) if not parts or value.count(" ") >= MESSAGE_SPACES else None
        if shown is not None and has_word(shown):
            parts.append((value, shown))
    return show_parts(text, parts)


def _items(value: object, depth: int = 2) -> Iterator[str]:
    """Yield a text, or the texts in a container and in those inside it."""
    if type(value) is str:
        yield value
    elif depth and isinstance(value, _CONTAINERS):
        items = dict.values(value) if isinstance(value, dict) else value
        yield from (text for item in islice(items, _MAX_ITEMS) for text in _items(item, depth - 1))


def _shown(value: Any, known: Judge, unknown: str = HOLE) -> str | None:
    """Return a container's representation with unproven parts replaced, or None if nothing in it is proven."""
    texts: list[str | None]
    # Libraries derive from the containers: Django REST framework's know their serializer.
    if isinstance(value, dict) and 0 < dict.__len__(value) <= _MAX_ITEMS:
        texts = [_item(item, known) for item in dict.values(value)]
        keys = [_item(key, known) or unknown for key in dict.__iter__(value)]
        shown = [f"{key}: {text or unknown}" for key, text in zip(keys, texts, strict=True)]
        made = f"{{{', '.join(shown)}}}"
    elif isinstance(value, (list, tuple)) and 0 < len(value) <= _MAX_ITEMS:
        texts = [_item(item, known) for item in islice(value, _MAX_ITEMS)]
        shown = [text or unknown for text in texts]
        made = f"[{', '.join(shown)}]" if isinstance(value, list) else f"({', '.join(shown)})"
    else:
        return None
    return made if any(text is not None for text in texts) else None


def _item(value: object, known: Judge) -> str | None:
    if isinstance(value, str):
        text = known(str.__str__(value))
        return None if text is None else repr(text)
    return _shown(value, known)


def _phrase(status: int) -> str | None:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


SHAPES: Final = (_os_message, _group_message, _args_message, _attribute_message)
