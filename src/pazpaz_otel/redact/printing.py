"""What exceptions print: each is asked once in a judgement, and none while one is being asked.

`__str__` is the application's code. It may be slow, or log something itself, which is judged by exceptions as well.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pazpaz_otel.redact.containment import contain

if TYPE_CHECKING:
    from collections.abc import Callable


class _Asked(threading.local):
    """The state of this thread.

    Attributes:
        texts: what was printed in the running judgement, with the objects, whose ids stay unique so.
        is_asking: whether an object is printing itself.
    """

    texts: dict[tuple[int, Callable[[object], str]], tuple[object, str | None]] | None = None
    is_asking = False


_asked = _Asked()


class AskedOnce:
    """A judgement: `with AskedOnce():` asks each exception once, also in the judgements that it makes."""

    __slots__ = ("_is_outermost",)

    def __enter__(self) -> None:
        self._is_outermost = _asked.texts is None
        if self._is_outermost:
            _asked.texts = {}

    def __exit__(self, *_: object) -> None:
        if self._is_outermost:
            _asked.texts = None


def said(value: object) -> str | None:
    """Return `str(value)`, or None if it raises, isn't a plain `str`, or another object is printing; never raise."""
    return _ask(value, str)


def printed(error: BaseException, within: str) -> tuple[str, str]:
    """Return `str(error)` and `repr(error)`, each empty where `said` would return None; never raise.

    Args:
        error: an exception.
        within: the text that may contain its `repr`, which is empty if this text can't.
    """
    cls = type(error)
    may_contain = cls.__repr__ is not BaseException.__repr__ or f"{cls.__name__}(" in within
    return _ask(error, str) or "", (_ask(error, repr) if may_contain else None) or ""


def _ask(value: object, by: Callable[[object], str]) -> str | None:
    if _asked.is_asking:
        return None
    if by is str and isinstance(value, BaseException) and type(value).__str__ is BaseException.__str__ and value.args:
        # What it prints are its arguments, which are asked by themselves as well.
        value = value.args[0] if len(value.args) == 1 else value.args
    texts, key = _asked.texts, (id(value), by)
    if texts is not None and key in texts:
        return texts[key][1]
    _asked.is_asking = True
    try:
        made = by(value)
    except BaseException as error:  # noqa: BLE001  # it must not reach the log call
        contain(error)
        return None
    finally:
        _asked.is_asking = False
    told = made if type(made) is str else None
    if texts is not None:
        texts[key] = value, told
    return told
