"""Show what a text quotes: exceptions in a template's holes, `f"not sent to {name}: {error}"`, or parts amid values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact import pydantic_errors
from pazpaz_otel.redact.provenance.forms import HOLE, MESSAGE_SPACES, Form, Hole, Parts, Piece, brace_parts, has_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MARK: Final = "\ue001"
"""Stands for the exception's text."""
_MAX_ATTRIBUTES: Final = 16


def with_errors(template: str, made: str, errors: Iterable[tuple[str, Callable[[], str | None]]]) -> str:
    """Return a template with what may leave of the exceptions that fill one of its holes each.

    Args:
        template: the template of the text.
        made: the text.
        errors: how exceptions print, and what may leave of that.
    """
    for told, judge in errors:
        hole = _hole_of(template, made, told) if told and told != made and told in made else None
        shown = judge() if hole is not None else None
        if hole is not None and shown is not None and has_word(shown):
            filled = " ".join(filter(None, (hole.before and HOLE, shown, hole.after and HOLE)))
            template = template[: hole.start] + filled + template[hole.end :]
            made = made.replace(told, shown, 1)
    return template


def held_by(error: BaseException) -> Iterator[str]:
    """Yield the texts that an exception holds besides its message: `error.strerror`, `error.detail`."""
    held = (*vars(error).values(), *error.args, getattr(error, "strerror", None), getattr(error, "msg", None))
    held += tuple(message for message, _ in pydantic_errors.messages_in(error, ""))
    yield from (value for value in held[:_MAX_ATTRIBUTES] if type(value) is str and has_word(value))


class _Filled(NamedTuple):
    """Where in a template a hole stands that an exception's text fills, and what else is in it."""

    start: int
    end: int
    before: str
    after: str


def _hole_of(template: str, made: str, told: str) -> _Filled | None:
    """Return the hole that `told` fills, alone or, if it has several words, amid others."""
    parts = brace_parts(template, (), {})
    form = Form(parts) if parts is not None else None
    marked = made.replace(told, _MARK, 1)
    if parts is None or form is None or form.template != template or not form.matches(marked):
        return None
    values, position, count = form.divide(marked)[0], 0, 0
    is_open = False
    amid: _Filled | None = None
    for index, part in enumerate(parts):
        length = len(part.text) if isinstance(part, Piece) else len(part.label) + 2
        if isinstance(part, Hole) and not is_open:
            before, mark, after = values[count].partition(_MARK)
            # A value that looks like what stands between the holes divides the text elsewhere: `f"{name}: {error}"`.
            if values[count] == _MARK or ((mark or amid) and _is_alone(parts, index, marked)):
                return _Filled(position, position + length, "", "")
            if mark and told.count(" ") >= MESSAGE_SPACES:
                amid = _Filled(position, position + length, before, after)
            count += 1
        is_open = isinstance(part, Hole)
        position += length
    return amid


def _is_alone(parts: Parts, index: int, marked: str) -> bool:
    """Return whether the text can be divided so that the exception's fills this hole by itself."""
    return Form((*parts[:index], Piece(_MARK, _MARK), *parts[index + 1 :])).matches(marked)


def show_within(text: str, part: str, shown: str) -> str:
    """Return what may be shown of a text's part, with `HOLE` for what surrounds it."""
    return show_parts(text, [(part, shown)]) or shown


def show_parts(text: str, parts: Iterable[tuple[str, str]]) -> str | None:
    """Return what may be shown of the parts of a text that are in it, with `HOLE` for what surrounds them."""
    found: list[str] = []
    position = 0
    for start, part, shown in sorted((text.find(part), part, shown) for part, shown in parts):
        if start >= position:
            found += [HOLE, shown] if start > position else [shown]
            position = start + len(part)
    return " ".join([*found, HOLE] if position < len(text) else found) if found else None
