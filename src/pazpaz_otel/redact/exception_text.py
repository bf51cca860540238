"""Prove an exception's message by the statement that raised it, its class, or Python itself."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact import library_errors
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.forms import has_word
from pazpaz_otel.redact.provenance.handing import fill
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.known_names import KnownNames
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.provenance.places import Running, raising
from pazpaz_otel.redact.text import UNPROVEN, Judgement, Kept, Template, judge, remember, search

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from pazpaz_otel.redact.provenance.places import Spot

_UNKNOWN: Final = "?"
_UNNAMED: Final = "{…}"
_MAX_ITEMS: Final = 32
_MAX_LINKS: Final = 4

_Judge = Callable[[object], str | None]
"""Returns what may leave of a text, or None."""


def judge_message(
    exc: BaseException,
    frame: FrameType | None = None,
    messages: Messages = NO_MESSAGES,
    *,
    group: TracebackType | None = None,
    links: int = _MAX_LINKS,
) -> Judgement:
    """Return what may leave of the message of `exc`; never raise.

    Searches the frames of its traceback from the raise outwards, then the callers of the frame that caught it.

    Args:
        exc: the exception.
        frame: where to search for an exception that was never raised.
        messages: the policy's messages.
        group: the traceback of the exception group, for a member that was never raised.
        links: how many causes to search for a message that this one repeats.
    """
    try:
        raised = exc.__traceback__ or group
        spots = list(raising(raised)) if raised else list(Running(frame))
        found = _judge(exc, spots, messages, links)
        if isinstance(found, (Kept, Template)):
            remember(found)
    except BaseException:  # noqa: BLE001  # an error in `__str__` or `__repr__` must not reach the log call
        return UNPROVEN
    return found


def printed(exc: BaseException) -> tuple[str, str]:
    """Return `str(exc)` and `repr(exc)`, empty if they raise or don't return a plain `str`; never raise."""
    return _printed(exc, str), _printed(exc, repr)


def _printed(exc: BaseException, by: Callable[[object], str]) -> str:
    try:
        made = by(exc)
    except BaseException:  # noqa: BLE001  # an error in `__str__` or `__repr__` must not reach the log call
        return ""
    return made if type(made) is str else ""


def judge_handled(text: object, messages: Messages = NO_MESSAGES) -> str | None:
    """Return what may leave of a text that is the message of the exception being handled: `log.error(str(exc))`."""
    return _told(text, (sys.exc_info()[1],), messages)


def _told(
    text: object, exceptions: tuple[BaseException | None, ...], messages: Messages, links: int = _MAX_LINKS
) -> str | None:
    """Return what may leave of a text that is the message of one of `exceptions`."""
    if type(text) is not str or not text or links <= 0:
        return None
    for exc in exceptions:
        if exc is not None and exc.args and text in (both := printed(exc)):
            shown = judge_message(exc, messages=messages, links=links).text
            return shown if shown is None or text == both[0] else f"{class_name(type(exc))}: {shown}"
    return None


def _judge(exc: BaseException, spots: list[Spot], messages: Messages, links: int) -> Judgement:
    text = str(exc)
    if type(text) is not str:
        return UNPROVEN
    own = class_texts(type(exc))

    def known(value: object) -> str | None:
        if type(value) is not str:
            return None
        found = judge(value, spots)
        if found.text is not None:
            return found.text
        if value in own.literals:
            return value
        form = own.match(value) or next((form for form in own.wrappings if form.matches(value)), None)
        shown = fill(form, value, handed) if form is not None else None
        return shown or _told(value, (exc.__cause__, exc.__context__), messages, links - 1)

    def handed(value: str) -> str | None:
        return value if value in own.literals else search(value, spots).text

    from_library = spots and is_installed(spots[0].code.co_filename)
    python = _python_message(exc, text, spots) if from_library else None
    whole = judge(text, spots)
    if isinstance(whole, Kept) or (whole.text is not None and python is None):
        return whole
    proofs = library_errors.Proofs(
        known, lambda inner: judge_message(inner, messages=messages).text, KnownNames(exc, spots).has_name
    )
    found = library_errors.message_of(exc, proofs) or python or _json_message(exc, text) or known(text)
    for form in _FORMS:
        found = found or form(exc, text, known)
    found = found or (None if from_library else _python_message(exc, text, spots))
    if found is not None:
        return Template(found)
    return judge(text, (), messages)


def _http_message(exc: BaseException, text: str, known: _Judge) -> str | None:
    """Return the guarded form of Starlette's and Werkzeug's message: ``404: Client not found``."""
    status, detail = getattr(exc, "status_code", None), getattr(exc, "detail", None)
    if not (type(status) is int and 100 <= status <= 599) or text != f"{status}: {detail}":  # noqa: PLR2004
        return None
    if detail == _phrase(status):
        return text
    shown = known(detail) if type(detail) is str else _shown(detail, known)
    return None if shown is None else f"{status}: {shown}"


def _os_message(exc: BaseException, _text: str, _known: _Judge) -> str | None:
    """Return the operating system's message, without the file names that follow it."""
    if isinstance(exc, OSError) and type(exc.errno) is int and exc.errno in errno.errorcode:
        return f"[Errno {exc.errno}] {os.strerror(exc.errno)}"
    return None


def _group_message(exc: BaseException, text: str, known: _Judge) -> str | None:
    """Return the guarded form of an exception group's message: ``several failed (3 sub-exceptions)``."""
    if not isinstance(exc, BaseExceptionGroup):
        return None
    shown, count = known(exc.message), len(exc.exceptions)
    tail = f" ({count} sub-exception{'s' if count != 1 else ''})"
    return shown + tail if shown is not None and text == exc.message + tail else None


def _args_message(exc: BaseException, text: str, known: _Judge) -> str | None:
    """Return the guarded form of several arguments (`BaseException`), or of the only one (`KeyError`)."""
    args = exc.args
    if len(args) == 1:
        if isinstance(args[0], str) and text == repr(args[0]):
            shown = known(args[0])
            return None if shown is None else repr(shown)
        return _shown(args[0], known) if text == str(args[0]) and not isinstance(args[0], str) else None
    return _shown(args, known, _UNKNOWN) if len(args) > 1 and text == str(args) else None


def _json_message(exc: BaseException, text: str) -> str | None:
    return cpython.json_message(text) if isinstance(exc, json.JSONDecodeError) else None


def _attribute_message(exc: BaseException, text: str, known: _Judge) -> str | None:
    """Return the guarded message of a class that prints an attribute between values: ``[409] the room is taken``."""
    told = {value for value in vars(exc).values() if type(value) is str and value != text and value in text}
    for value in sorted(told, key=len, reverse=True):
        shown = known(value)
        if shown is not None and has_word(shown):
            before, _, after = text.partition(value)
            return " ".join(filter(None, (before and _UNNAMED, shown, after and _UNNAMED)))
    return None


_FORMS: Final = (_http_message, _os_message, _group_message, _args_message, _attribute_message)


def _shown(value: Any, known: _Judge, unknown: str = _UNNAMED) -> str | None:
    """Return a container's representation with unproven parts replaced, or None if nothing in it is proven."""
    texts: list[str | None]
    if type(value) is dict and 0 < len(value) <= _MAX_ITEMS:
        texts = [_item(item, known) for item in value.values()]
        keys = [_item(key, known) or unknown for key in value]
        shown = [f"{key}: {text or unknown}" for key, text in zip(keys, texts, strict=True)]
        made = f"{{{', '.join(shown)}}}"
    elif type(value) in {list, tuple} and 0 < len(value) <= _MAX_ITEMS:
        texts = [_item(item, known) for item in value]
        shown = [text or unknown for text in texts]
        made = f"[{', '.join(shown)}]" if type(value) is list else f"({', '.join(shown)})"
    else:
        return None
    return made if any(text is not None for text in texts) else None


def _item(value: object, known: _Judge) -> str | None:
    if type(value) is str:
        text = known(value)
        return None if text is None else repr(text)
    return _shown(value, known) if type(value) in {dict, list, tuple} else None


def _python_message(exc: BaseException, text: str, spots: list[Spot]) -> str | None:
    names = KnownNames(exc, spots)
    return cpython.message_of(type(exc), text, type_proven=names.has_type, name_proven=names.has_name)


def _phrase(status: int) -> str | None:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None
