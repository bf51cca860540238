"""Decide whether free text leaves whole, as its template, or not at all.

Every surface calls `judge`, with the text and the places it may come from. In this order: a text that the source
contains whole leaves unchanged; one that the source composes leaves as its template; one that matches a message of the
policy leaves as that message; anything else is dropped. Proven texts are cached in the form in which they are in the
source. Unproven texts are never cached, so that nothing here holds on to a patient's words.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import kind_type
from pazpaz_otel.redact.containment import contain, in_doubt
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import MAX_LENGTH, NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.call_constants import called_at, with_constants
from pazpaz_otel.redact.provenance.handing import CALLERS, fill
from pazpaz_otel.redact.provenance.held import held_texts
from pazpaz_otel.redact.provenance.hits import known_match, learn_pair, with_form
from pazpaz_otel.redact.provenance.passed_tables import picked_by
from pazpaz_otel.redact.provenance.places import MAX_DEPTH, NO_TEXTS, Running, Texts, folded_at, place_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from pazpaz_otel.redact.provenance.forms import Form
    from pazpaz_otel.redact.provenance.places import Place, Spot

PLACEHOLDER: Final = "<redacted>"
"""What replaces an unproven text."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that leaves whole."""

    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """The template of a composed text."""

    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A text that doesn't leave.

    Attributes:
        reason: one of `drops.REASONS`.
    """

    reason: str
    text: None = None


Judgement = Kept | Template | Dropped

UNPROVEN: Final = Dropped("unproven_text")
_NOT_TEXT: Final = Dropped("wrong_type")

exact: Final = kind_type.exact
"""Return a plain copy of a text, or None for anything else, calling none of its code."""

_proven: FifoCache[str, Kept | Template] = FifoCache(8192)
_names: FifoCache[str, None] = FifoCache(2048)
fillers: Final[list[Callable[[str, str, FrameType | None], str]]] = []
"""Fill a template of a text that quotes exceptions near its frame: `exception_text` knows exceptions' messages."""


class Proven(str):
    """A text that was proven where it was written, which may be used elsewhere: in a decorator, in a `with`."""

    __slots__ = ()


class Refused(str):
    """A text that its own places didn't prove: what others have said of the same text doesn't count."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Refused:
        """Return a part, which is refused as well: the SDK cuts what is too long."""
        return Refused(str.__getitem__(self, key))


_HOLE_START: Final = "{"
_BEFORE: Final[tuple[Spot, ...]] = ()


def judge(text: object, spots: Iterable[Spot] = _BEFORE, messages: Messages = NO_MESSAGES) -> Judgement:
    """Return what may leave of `text`; never raise.

    Args:
        text: the text to judge. A subclass of `str` is refused, because it may override comparison.
        spots: the places that it may come from, innermost first: running ones (`Running`), those of a raise
            (`raising`), or none, if only what was proven before counts.
        messages: the policy's messages.
    """
    if type(text) is not str:
        return _NOT_TEXT
    if not text or text == PLACEHOLDER:
        return Kept(text)
    # What was proven elsewhere says nothing about a text whose own places are known.
    known = _proven.get(text) if spots is _BEFORE else None
    if known is not None:
        return known
    try:
        found = _from_source(text, spots)
        if type(found) is Template and _HOLE_START in found.text:
            found = _filled_in(found, text, spots.frame if type(spots) is Running else None)
        message = messages.match(text) if found is None else None
    except Exception as error:  # noqa: BLE001  # a doubt is a no
        contain(error)
        return UNPROVEN
    return found or (UNPROVEN if message is None else Template(message))


def _filled_in(found: Template, text: str, frame: FrameType | None) -> Template:
    for fill_in in fillers:
        shown = fill_in(found.text, text, frame)
        if shown != found.text and len(shown) <= MAX_LENGTH:
            found = Template(shown)
            remember(found)
    return found


def is_proven(text: object) -> bool:
    """Return whether `text` was proven before."""
    return type(text) is str and (text in _proven or not text or text == PLACEHOLDER)


def prove(text: object, frame: FrameType | None = None, depth: int = MAX_DEPTH) -> bool:
    """Return whether the source contains `text` whole, at `frame` (by default, the caller's) or one of its callers."""
    frame = frame or sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
    return isinstance(judge(text, Running(frame, depth)), Kept)


@in_doubt(answer=False)
def prove_identifier(name: object, frame: FrameType | None, depth: int = MAX_DEPTH) -> bool:
    """Return whether the source contains `name`, as `prove` does, or makes it of constants alone."""
    return prove(name, frame, depth) or any(name in folded_at(spot) for spot in Running(frame, depth))


def is_name(name: object) -> bool:
    """Return whether `name` was proven where a logger, a scope or a job got it: other texts don't count."""
    return type(name) is str and name in _names


def prove_name(name: object, frame: FrameType | None, depth: int = MAX_DEPTH) -> bool:
    """Return whether the source contains `name`, as `prove` does, and remember it as one."""
    if type(name) is not str or not prove_identifier(name, frame, depth):
        return False
    remember_name(name)
    return True


def remember_name(name: str) -> None:
    """Remember a name that was proven elsewhere."""
    if 0 < len(name) <= MAX_LENGTH:
        _names.keep(name, None)


def remember(proven: Kept | Template) -> None:
    """Remember a text that was proven elsewhere, such as a composed message with proven parts."""
    if 0 < len(proven.text) <= MAX_LENGTH:
        _proven.keep(proven.text, proven)


def _from_source(text: str, spots: Iterable[Spot]) -> Kept | Template | None:
    if type(spots) is Running:
        template = known_match(text, spots.frame, spots.depth)
        known = _proven.get(template) if template else None
        if known is not None:
            return known
    found = search(text, spots)
    if not isinstance(found, Dropped):
        # A source may contain a lone surrogate, but no exporter can encode it: it would lose the whole batch.
        found.text.encode()
        _proven.keep(found.text, found)
        return found
    return None


def search(text: str, spots: Iterable[Spot]) -> Judgement:
    """Return what the places prove of a text, ignoring what was proven before."""
    return next((found for found in _proofs(text, spots) if found is not None), UNPROVEN)


def _proofs(text: str, spots: Iterable[Spot]) -> Iterator[Kept | Template | None]:
    seen: list[tuple[Spot, Place]] = []
    rest, picked = iter(spots), 0
    for spot in rest:
        place = place_at(spot, picked)
        if place.own is not NO_TEXTS:
            yield _match(text, place.own, spot, rest, place)
        seen.append((spot, place))
        picked = max(picked, picked_by(spot))
    asked = list(_without_callers(seen))
    for index, (spot, place) in enumerate(asked):
        if place.followed is not NO_TEXTS:
            yield _match(text, place.followed, spot, _above(asked, index), place)
    for index, (spot, _) in enumerate(asked):
        for texts in held_texts(spot, text):
            yield _match(text, texts, spot, _above(asked, index))
    for index, (spot, place) in enumerate(asked):
        for form in (*place.own.wrappings, *place.followed.wrappings):
            yield _filled(form, text, spot, _above(asked, index), place) if form.matches(text) else None


def _above(asked: list[tuple[Spot, Place]], index: int) -> Iterator[Spot]:
    """Yield the callers of a place; few places need them."""
    return (caller for caller, _ in islice(asked, index + 1, None))


def _without_callers(seen: list[tuple[Spot, Place]]) -> Iterator[tuple[Spot, Place]]:
    """Skip the frameworks that called the application.

    They pass none of their texts down to it, and resolving their names would read the sources of half a framework for
    the first text that is refused.
    """
    is_below = True
    for spot, place in seen:
        is_below = is_below and place.is_installed
        if is_below or not place.is_installed:
            yield spot, place


def _match(
    text: str, texts: Texts, spot: Spot, callers: Iterable[Spot], place: Place | None = None
) -> Kept | Template | None:
    if text in texts.literals:
        return Kept(text) if len(text) <= MAX_LENGTH else None
    form = texts.match(text) if texts.forms else None
    if form is not None and place is not None and texts is place.own:
        form = place.fullest(form, text)
    return _filled(form, text, spot, callers, place) if form is not None else None


def _filled(form: Form, text: str, spot: Spot, callers: Iterable[Spot], place: Place | None) -> Template | None:
    template: str | None = form.template
    if form.handed:
        # A context manager runs below `contextlib`; the `with` statement above it has the literals.
        callers = (caller for caller in callers if caller.module.get("__name__") != contextlib.__name__)
        nearest = list(islice(callers, CALLERS))
        # What a followed form is filled with may be composed by this very statement.
        is_own = place is None or form in place.own.forms or form in place.own.wrappings
        within = nearest if is_own else [spot, *nearest]
        template = fill(form, text, lambda value: search(value, within).text, spot.frame)
        told, pair = with_constants(template, form, text, called_at(spot), nearest[0]) if nearest else (template, form)
        if place is not None and spot.lasti == spot.frame.f_lasti:
            learn_pair(place, form, text, template, spot.frame)
            if pair is not form and template in {None, form.template}:
                place.pairs = with_form(place.pairs, pair, spot.frame)
        template = told
    if template is None or len(template) > MAX_LENGTH:
        return None
    if place is not None and form not in place.own.forms:
        place.learnt = with_form(place.learnt, form, spot.frame)
    return Template(template)
