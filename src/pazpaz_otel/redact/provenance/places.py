"""What a place in the running program proves: the literals and forms of one instruction's statement.

Each place is analysed once and cached. Names are resolved only if the statement's own texts don't match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import nested
from pazpaz_otel.redact.provenance.extensions import extension_texts
from pazpaz_otel.redact.provenance.following import around_of, follower_of
from pazpaz_otel.redact.provenance.forms import (
    UNNAMED,
    Form,
    Parts,
    Piece,
    brace_parts,
    compiled_into,
    has_word,
    percent_parts,
)
from pazpaz_otel.redact.provenance.handing import CALLERS, candidates, fill, handed_labels, parameters_of
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.source import NOTHING, compiled_strings, locate, strings_of
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from types import CodeType, FrameType, TracebackType

MAX_DEPTH: Final = 12
_MAX_FORMS: Final = 64


class Spot(NamedTuple):
    """An instruction of a frame that is running, or was running when it raised."""

    code: CodeType
    lasti: int
    module: dict[str, Any]
    frame: FrameType


class Texts:
    """Literals and forms, with the forms sorted by the amount of literal text, largest first.

    Args:
        found: the parts of each text.
        parameters: the parameters of the function that makes them; None if any plain name may be one.

    Attributes:
        literals: texts without values.
        forms: texts with values and a word of their own.
        wrappings: texts with values but no word of their own, which contain what their function was passed.
    """

    __slots__ = ("forms", "literals", "wrappings")

    def __init__(self, found: Iterable[Parts], parameters: Collection[str] | None = frozenset()) -> None:
        wrappings: list[Form] = []
        literals: set[str] = set()
        forms: dict[tuple[str, ...], Form] = {}
        for parts in found:
            if len(forms) >= _MAX_FORMS:
                break
            if all(isinstance(part, Piece) for part in parts):
                text = "".join(part.text for part in parts if isinstance(part, Piece))
                literals.add(text)
                composed: list[tuple[Parts, str | None]] = [(form, text) for form in _templates(text)]
            else:
                composed = [(parts, None)]
            for one, template in composed:
                form = Form(one, template, handed_labels(one, parameters) if template is None else ())
                key = form.template, *form.literals
                if not form.is_worded:
                    wrappings += [form] if form.handed else []
                elif key not in forms or forms[key].is_given:
                    forms[key] = form
        self.literals = frozenset(literals)
        self.forms = tuple(sorted(forms.values(), key=_rank))
        self.wrappings = tuple(wrappings[:_MAX_FORMS])

    def match(self, text: str) -> Form | None:
        """Return the form with the most literal text that `text` matches."""
        for form in self.forms:
            if form.matches(text):
                return form
        return None


def _rank(form: Form) -> tuple[int, bool, int]:
    """Return a sort key: the most literal text first, then the most named values."""
    return -form.weight, form.is_given, form.template.count(UNNAMED)


NO_TEXTS: Final = Texts(())


class Place:
    """A place by itself and with what it refers to.

    Attributes:
        code: its code object.
        is_installed: whether the code is in an installed package or the standard library.
        own: what its statement contains and makes.
    """

    __slots__ = ("_followed", "_spot", "code", "is_installed", "own")

    def __init__(self, code: CodeType, lasti: int, module: dict[str, Any]) -> None:
        self.code = code
        self.is_installed = is_installed(code.co_filename)
        self._spot = lasti, module
        self._followed: Texts | None = None
        self.own = _read(code, lasti, module, follow=False)
        if self.own is NO_TEXTS:
            texts = compiled_strings(code, module) or extension_texts(code, module)
            self.own = Texts((Piece(text, text),) for text in texts) if texts else NO_TEXTS

    @property
    def known(self) -> Texts | None:
        """What the statement's names refer to, if they were resolved before."""
        return self._followed

    @property
    def followed(self) -> Texts:
        """What the statement's names refer to."""
        if self._followed is None:
            lasti, module = self._spot
            self._followed = _read(self.code, lasti, module, follow=True)
        return self._followed


_places: FifoCache[tuple[int, int], Place] = FifoCache(8192)


def place_at(spot: Spot) -> Place:
    """Return the place of an instruction."""
    # Keyed by the code's id, because hashing a code object costs more than the look-up. The place keeps the code alive.
    key = id(spot[0]), spot[1]
    known = _places.get(key)
    return known if known is not None else _places.keep(key, Place(spot[0], spot[1], spot[2]))


class Running:
    """The running places: a frame's own and those of its callers."""

    __slots__ = ("depth", "frame")

    def __init__(self, frame: FrameType | None, depth: int = MAX_DEPTH) -> None:
        self.frame = frame
        self.depth = depth

    def __iter__(self) -> Iterator[Spot]:
        """Yield the places, innermost first."""
        frame = self.frame
        for _ in range(self.depth):
            if frame is None:
                return
            yield Spot(frame.f_code, frame.f_lasti, frame.f_globals, frame)
            frame = frame.f_back

    def own_match(self, text: str) -> str | None:
        """Return what leaves of `text` by what is already known, without reading files or resolving names.

        Every composed text takes this path, except the first of its place. Only the innermost places may have been
        resolved before, because those above a match aren't.
        """
        frame, places = self.frame, _places
        followed: list[Texts] = []
        is_followed = True
        for _ in range(self.depth):
            place = places.get((id(frame.f_code), frame.f_lasti)) if frame is not None else None
            if frame is None or place is None:
                return (_matched(text, followed) or self._wrapped(text)) if frame is None else None
            own = place.own
            if own is not NO_TEXTS:
                if text in own.literals:
                    return text
                for form in own.forms:
                    if form.matches(text):
                        return self._filled(form, text, frame) if form.handed else form.template
            if is_followed and place.known is not NO_TEXTS:
                is_followed = place.known is not None
                followed += [place.known] if place.known is not None else []
            frame = frame.f_back
        return _matched(text, followed) or self._wrapped(text)

    def _wrapped(self, text: str) -> str | None:
        """Return what leaves of `text` by a form of the innermost place that has no word of its own."""
        place = _places.get((id(self.frame.f_code), self.frame.f_lasti)) if self.frame is not None else None
        for form in place.own.wrappings if place is not None else ():
            if self.frame is not None and form.matches(text):
                return self._filled(form, text, self.frame)
        return None

    @staticmethod
    def _filled(form: Form, text: str, frame: FrameType) -> str | None:
        if next(candidates(form, text, frame), None) is None:
            return form.template if form.is_worded else None
        callers = Running(frame.f_back, CALLERS)
        if any((id(spot.code), spot.lasti) not in _places for spot in callers):
            return None
        return fill(form, text, callers.own_match, frame)


def _matched(text: str, followed: list[Texts]) -> str | None:
    for texts in followed:
        if text in texts.literals:
            return text
        form = texts.match(text)
        if form is not None:
            return form.template if not form.handed else None
    return None


def raising(traceback: TracebackType, depth: int = MAX_DEPTH) -> Iterator[Spot]:
    """Yield the places of a traceback: first those from the raise up to the handler, then the handler's callers."""
    entries: list[Spot] = []
    caught_in = traceback.tb_frame.f_back
    entry: TracebackType | None = traceback
    while entry is not None:
        frame = entry.tb_frame
        entries.append(Spot(frame.f_code, entry.tb_lasti, frame.f_globals, frame))
        entry = entry.tb_next
    yield from entries[: -depth - 1 : -1]
    yield from Running(caught_in, depth - len(entries))


def _templates(text: str) -> list[Parts]:
    """Return the forms of a literal that other code fills in, such as a logger or a library."""
    found: list[Parts | None] = []
    if "%" in text and has_word(text):
        found.append(percent_parts(text, None, {}))
    if "{" in text and has_word(text):
        found.append(brace_parts(text, None, {}))
    return [parts for parts in found if parts is not None]


def _read(code: CodeType, lasti: int, module: dict[str, Any], *, follow: bool) -> Texts:
    strings = strings_of(code)
    if not strings and not follow:
        return NO_TEXTS
    try:
        located = locate(code, lasti, module, whole=is_installed(code.co_filename))
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        # The file isn't the one that was compiled, or isn't valid Python: it proves nothing.
        return NO_TEXTS
    if located is None:
        return NO_TEXTS
    around = around_of(code, module) if follow else None
    follower = follower_of(module if follow else None, located.function, around=around)
    everywhere = _strings_within(code, module) if follow else strings
    found = (
        parts
        for parts in texts_in(located.nodes, follower, follower.reach)
        if parts and compiled_into(parts, everywhere)
    )
    texts = Texts(found, parameters_of(code))
    return texts if texts.literals or texts.forms or texts.wrappings else NO_TEXTS


def _strings_within(code: CodeType, module: dict[str, Any]) -> frozenset[str]:
    """Return the strings of a code object and those inside it; for a lambda, those of its module."""
    if code.co_name.startswith("<"):
        index = index_of(str(module.get("__name__")))
        return index.strings if index is not None else strings_of(code)
    return NOTHING.union(*map(strings_of, nested(code)))
