"""Prove an exception's message by itself: the statement that raised it, its class, its library, or Python."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact import library_errors, message_shapes
from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.assigned import assigned_in
from pazpaz_otel.redact.provenance.call_constants import constructor_of, with_constants
from pazpaz_otel.redact.provenance.class_texts import class_texts
from pazpaz_otel.redact.provenance.declared_messages import declared_message
from pazpaz_otel.redact.provenance.forms import Form, brace_parts, has_word
from pazpaz_otel.redact.provenance.handing import fill
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.known_names import KnownNames
from pazpaz_otel.redact.provenance.places import place_at
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.redact.quoted_errors import with_errors
from pazpaz_otel.redact.schema_texts import Proofs, with_choices
from pazpaz_otel.redact.text import UNPROVEN, Judgement, Kept, Template, judge, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.messages import Messages
    from pazpaz_otel.redact.provenance.places import Spot

_HOLE: Final = re.compile(r"\{[^{}]*\}")
_OWN_HOLE: Final = re.compile(r"\{self\.(\w+)\}")


class Others(NamedTuple):
    """What may leave of texts that other exceptions prove.

    Attributes:
        told: returns it for a text that one of those around holds, or that is its message.
        within: returns it for a text that contains some of those around.
        judged: returns it for the message of an exception.
    """

    told: Callable[[object], str | None]
    within: Callable[[object], str | None]
    judged: Callable[[BaseException], str | None]


def prove(exc: BaseException, spots: list[Spot], messages: Messages, others: Others) -> Judgement:
    """Return what may leave of an exception's message.

    Args:
        exc: the exception.
        spots: the places that it was raised at, innermost first.
        messages: the policy's messages.
        others: what other exceptions prove.
    """
    found = _judge(exc, spots, messages, others)
    if not isinstance(found, Template):
        return found
    told = with_choices(found.text, said(exc) or "", functools.partial(_is_written, spots))
    return Template(_with_literals(told, exc, spots))


def _judge(exc: BaseException, spots: list[Spot], messages: Messages, others: Others) -> Judgement:
    text = said(exc)
    if text is None:
        return UNPROVEN
    own, is_written = class_texts(type(exc)), functools.partial(_is_written, spots)

    def known(value: object) -> str | None:
        if type(value) is not str:
            return None
        found = judge(value, spots)
        if found.text is not None:
            return with_choices(found.text, value, is_written)
        if value in own.literals:
            return value
        form = own.match(value) or next((form for form in own.wrappings if form.matches(value)), None)
        shown = fill(form, value, handed) if form is not None else None
        told = shown or _assigned(value, spots) or others.told(value)
        declared = None if told else declared_message(type(exc), value)
        return told or (declared and with_choices(declared, value, is_written))

    def handed(value: str) -> str | None:
        return value if value in own.literals else search(value, spots).text

    from_library = spots and is_installed(spots[0].code.co_filename)
    python = _python_message(exc, text, spots) if from_library else None
    whole = judge(text, spots)
    fuller = _fuller(own.match(text), whole, lambda form: fill(form, text, handed))
    http = message_shapes.of_http(exc, text, known)
    if http is None and (isinstance(whole, Kept) or (whole.text is not None and python is None and fuller is None)):
        return whole
    proofs = Proofs(known, others.judged, KnownNames(exc, spots).has_name, is_written)
    found = http or library_errors.message_of(exc, proofs) or python or fuller or known(text)
    for form in message_shapes.SHAPES:
        found = found or form(exc, text, functools.partial(_argument, exc, text, spots, known))
    found = found or (None if from_library else _python_message(exc, text, spots))
    found = found or message_shapes.of_http(exc, text, others.within) or others.within(text)
    if found is not None:
        return Template(_with_attributes(found, exc, text, known))
    message = messages.match(text)
    return UNPROVEN if message is None else Template(message)


def _argument(
    exc: BaseException, text: str, spots: list[Spot], known: message_shapes.Judge, value: object
) -> str | None:
    """Return what may leave of one of several arguments: the first is the message, a constant's name gives a value."""
    shown = known(value)
    is_value = len(exc.args) > 1 and value is not exc.args[0] and text == said(exc.args)
    return None if is_value and shown == value and not _is_said(value, spots) else shown


def _is_said(text: object, spots: list[Spot]) -> bool:
    """Return whether one of the statements contains a text itself, not only the name of a constant."""
    return any(text in place_at(spot).own.literals for spot in spots)


def _assigned(text: str, spots: list[Spot]) -> str | None:
    """Return what may leave of a text that a function gives an exception afterwards: `error.args = (f"…",)`."""
    for spot in spots:
        shown = assigned_in(spot.code, spot.module, "args").leaving(text)
        if shown is not None:
            # What the exception said before, in `error.args = (f"{error}, while saving",)`.
            parts = brace_parts(shown, (), {})
            before = Form(parts).divide(text)[0] if parts is not None and Form(parts).matches(text) else []
            return with_errors(shown, text, [(each, functools.partial(_searched, each, spots)) for each in before])
    return None


def _searched(text: str, spots: list[Spot]) -> str | None:
    return search(text, spots).text


def _fuller(form: Form | None, whole: Judgement, fill_in: Callable[[Form], str | None]) -> str | None:
    """Return the template of the exception's class if it has more literal text than that of the raising statement."""
    if form is None or not isinstance(whole, Template) or form.weight <= len(_HOLE.sub("", whole.text)):
        return None
    return fill_in(form)


def _with_attributes(template: str, exc: BaseException, text: str, known: message_shapes.Judge) -> str:
    """Fill in the proven texts of attributes that the exception's class prints: `{self.problem}`."""

    def fill(hole: re.Match[str]) -> str:
        value = next((vars(one)[hole[1]] for one in (exc, *type(exc).__mro__) if hole[1] in vars(one)), None)
        shown = known(value) if type(value) is str and value in text and value != text else None
        return shown if shown is not None and has_word(shown) else hole[0]

    return _OWN_HOLE.sub(fill, template)


def _python_message(exc: BaseException, text: str, spots: list[Spot]) -> str | None:
    names = KnownNames(exc, spots)
    return cpython.message_of(type(exc), text, type_proven=names.has_type, name_proven=names.has_name)


def _is_written(spots: list[Spot], value: object) -> bool:
    """Return whether the application's modules that places are in contain a text or number."""
    own = {str(spot.module.get("__name__")) for spot in spots if not is_installed(spot.code.co_filename)}
    return any(index is not None and index.has_literal(value) for index in map(index_of, own))


def _with_literals(template: str, exc: BaseException, spots: list[Spot]) -> str:
    """Return the template of an exception's class with the literals that its constructor was given."""
    made, text = constructor_of(type(exc)), said(exc) or ""
    form = class_texts(type(exc)).match(text) if made is not None and spots else None
    if form is None or made is None or form.template != template:
        return template
    return with_constants(template, form, text, made, spots[0])[0] or template
