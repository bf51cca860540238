"""Find the template of a composed text by what its place proved before, without reading files or resolving names.

Every composed text takes this path, except the first of its place. A place remembers forms that aren't its own by the
place of its caller: those of what its names refer to, and those with a caller's form in the hole of what was passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.forms import Form, Handed, Piece
from pazpaz_otel.redact.provenance.handing import CALLERS, KNOWN_NAMES, NAME_ENDS, candidates, fill, is_led_by_name
from pazpaz_otel.redact.provenance.places import PLACES, Running

if TYPE_CHECKING:
    from types import FrameType

    from pazpaz_otel.redact.provenance.places import Learnt, Place

_MAX_CALLERS: Final = 512
_MAX_FORMS: Final = 8

# Templates by the template that is filled and the texts of the source that it is filled with.
_fillings: FifoCache[tuple[str | None, ...], str] = FifoCache(1024)


def known_match(text: str, frame: FrameType | None, depth: int) -> str | None:
    """Return what leaves of `text`, or None if no known place proves it.

    Args:
        text: the text.
        frame: the innermost frame.
        depth: how many frames to search.
    """
    places = PLACES
    while frame is not None and depth > 0:
        place = places.get((id(frame.f_code), frame.f_lasti))
        if place is None:
            return None
        if text in place.own.literals or text in place.constants:
            return text
        pairs = place.pairs.get(_caller(frame)) if place.pairs is not None else None
        found = _match(text, pairs, frame, frame.f_back) if pairs else None
        if found is None and text.startswith(place.own.starts):
            for form in place.own.forms:
                if form.matches(text):
                    return _leaving(form, text, frame, place, pairs)
        if found is None and place.learnt is not None:
            # What a followed form is filled with may be composed by this very statement.
            found = _match(text, place.learnt.get(_caller(frame), ()), frame, frame)
        if found is not None:
            return found
        frame = frame.f_back
        depth -= 1
    return None


def _leaving(form: Form, text: str, frame: FrameType, place: Place, pairs: tuple[Form, ...] | None) -> str | None:
    """Return what leaves by an own form; what names refer to and the caller gives has to be known already.

    Args:
        form: the form that the text matches.
        text: the text.
        frame: the place's frame.
        place: the place.
        pairs: its forms with those of this caller; None if the caller isn't known.
    """
    if place.fuller is None:
        return None
    form = place.fullest(form, text) if place.fuller else form
    handed = form.handed
    if handed is None:
        return form.template
    if pairs is None:
        return None
    if text.count(" ") < form.min_spaces:
        return form.template
    filled = _filled(form, text, frame, frame.f_back)
    if handed.is_named and filled is not None and filled != form.template and len(pairs) < _MAX_FORMS:
        _learn_names(place, form, text, filled, frame)
    return filled


def _learn_names(place: Place, form: Form, text: str, template: str, frame: FrameType) -> None:
    """Remember a form with the names of classes that stood in it, if all of them were proven."""
    named, handed = form, form.handed
    values = form.divide(text)[0]
    for hole, label in reversed(list(enumerate(handed.labels if handed is not None else ()))):
        if handed is None or label is None or not label.endswith(NAME_ENDS):
            continue
        if values[hole] not in KNOWN_NAMES or not is_led_by_name(form, hole):
            return
        labels = handed.labels[:hole] + handed.labels[hole + 1 :]
        handed = Handed(labels, frozenset(), handed.constants, is_named=False) if any(labels) else None
        named = named.holding(Form((Piece(values[hole], values[hole]),)), hole, template, handed)
    place.pairs = with_form(place.pairs, named, frame)


def learn_pair(place: Place, form: Form, text: str, template: str | None, frame: FrameType) -> None:
    """Remember a form together with the only one of its caller, if that made what was passed, and nothing else did.

    Args:
        place: the place of the form.
        form: the form that `text` matches.
        text: the composed text.
        template: what leaves of it.
        frame: the place's frame.
    """
    key = _caller(frame)
    place.pairs = FifoCache(_MAX_CALLERS) if place.pairs is None else place.pairs
    place.pairs.setdefault(key, ())
    if template in {None, form.template}:
        return
    passed = candidates(form, text, frame)
    caller = PLACES.get(key) if key is not None else None
    if caller is None or caller.fuller != () or len(caller.own.forms) != 1 or len(passed) != 1 or form.handed is None:
        return
    label, value = passed[0]
    inner = caller.own.forms[0]
    if inner.handed is not None and inner.handed.messages:
        return
    if inner.matches(value) and template == form.template.replace(f"{{{label}}}", inner.template, 1):
        pair = form.holding(inner, form.handed.labels.index(label), template)
        place.pairs = with_form(place.pairs, pair, frame) if pair.matches(text) else place.pairs


def with_form(learnt: Learnt | None, form: Form, frame: FrameType) -> Learnt:
    """Return what a place has learnt, with a form that proved a text of this frame's caller."""
    learnt, key = FifoCache(_MAX_CALLERS) if learnt is None else learnt, _caller(frame)
    before = learnt.get(key, ())
    if form not in before and len(before) < _MAX_FORMS:
        learnt.keep(key, (*before, form))
    return learnt


def _caller(frame: FrameType) -> tuple[int, int] | None:
    caller = frame.f_back
    return (id(caller.f_code), caller.f_lasti) if caller is not None else None


def _match(text: str, forms: tuple[Form, ...], frame: FrameType, start: FrameType | None) -> str | None:
    for form in forms:
        if form.matches(text):
            return _filled(form, text, frame, start)
    return None


def _filled(form: Form, text: str, frame: FrameType, start: FrameType | None) -> str | None:
    """Return the template of a form, filled with what is proven from the frame `start` outwards."""
    if form.handed is None or text.count(" ") < form.min_spaces:
        return form.template
    key: tuple[str | None, ...] = (form.template,)
    values = candidates(form, text, frame)
    for label, value in values:
        is_name = label.endswith(NAME_ENDS)
        key += label, KNOWN_NAMES.get(value) if is_name else known_match(value, start, CALLERS)
    known = _fillings.get(key)
    if known is not None:
        return known
    proven = dict(zip((value for _, value in values), key[2::2], strict=True))
    if None in proven.values() and any((id(spot.code), spot.lasti) not in PLACES for spot in Running(start, CALLERS)):
        return None
    filled = fill(form, text, proven.get, frame)
    return _fillings.keep(key, filled) if filled is not None and None not in proven.values() else filled
