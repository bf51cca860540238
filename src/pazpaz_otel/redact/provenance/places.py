"""What a place in the running program proves: the literals and forms of one instruction's statement.

Each place is analysed once and cached. Names are resolved only if the statement's own texts don't match.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.fifo_cache import FifoCache, remembering
from pazpaz_otel.redact.provenance import allowance
from pazpaz_otel.redact.provenance.callers import OURS, is_of, passes_on
from pazpaz_otel.redact.provenance.code_index import nested
from pazpaz_otel.redact.provenance.following import follower_of
from pazpaz_otel.redact.provenance.forms import UNNAMED, Form, Parts, Piece, compiled_into, templates_in
from pazpaz_otel.redact.provenance.handing import Filling, filled_by, handed_to
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.passed_tables import ARGUMENTS, passes_several
from pazpaz_otel.redact.provenance.source import NOTHING, locate, strings_of
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.redact.provenance.sourceless import compiled_strings, extension_texts

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from types import CodeType, FrameType, TracebackType

    from pazpaz_otel.redact.provenance.following import Follower

MAX_DEPTH: Final = 12
_MAX_FORMS: Final = 64
_STEPS: Final = 2000
"""How many names of a statement are resolved at most, with those that they lead to: some 0.3 s of processor time."""
_STEPS_IN_PACKAGES: Final = 100
"""The same for a function of an installed package, whose texts mostly stand in itself."""
_NO_FILLING: Final = Filling()
_SPACE: Final = re.compile(r"\s")
_Instruction = tuple["CodeType", int, dict[str, Any]]
Learnt = FifoCache[tuple[int, int] | None, tuple[Form, ...]]
PLACES: Final[FifoCache[tuple[int, int], Place]] = FifoCache(8192)
"""Places by the ids of their code, because hashing a code object costs more than the look-up, and the instruction."""
_WITHIN: Final = ".<locals>."


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
        filling: what may be filled into them.

    Attributes:
        literals: texts without values.
        forms: texts with values and a word of their own.
        starts: what one of the forms begins with.
        wrappings: texts with values but no word of their own, which contain what their function was passed.
    """

    __slots__ = ("forms", "literals", "starts", "wrappings")

    def __init__(self, found: Iterable[Parts], filling: Filling = _NO_FILLING) -> None:
        wrappings: list[Form] = []
        literals: set[str] = set()
        forms: dict[tuple[str, ...], Form] = {}
        for parts in found:
            if len(forms) >= _MAX_FORMS:
                break
            if all(isinstance(part, Piece) for part in parts):
                text = "".join(part.text for part in parts if isinstance(part, Piece))
                literals.add(text)
                composed: list[tuple[Parts, str | None]] = [(form, text) for form in templates_in(text)]
            else:
                composed = [(parts, None)]
            for one, template in composed:
                form = Form(one, template, handed_to(one, filling) if template is None else None)
                key = form.template, *form.literals
                if not form.is_worded:
                    wrappings += [form] if form.handed else []
                elif key not in forms or forms[key].is_given:
                    forms[key] = form
        self.literals = frozenset(literals)
        self.forms = tuple(sorted(forms.values(), key=_rank))
        self.starts = tuple({form.literals[0] for form in self.forms})
        self.wrappings = tuple(wrappings[:_MAX_FORMS])

    def leaving(self, text: str) -> str | None:
        """Return what may leave of `text` by these alone: itself, its template, or nothing."""
        if text in self.literals:
            return text
        form = self.match(text)
        return form.template if form is not None else None

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
        constants: the literals of what its names refer to, once these were asked for.
        fuller: the forms of what its names refer to; None until an own form is matched for the first time.
        learnt: the forms that proved a text here before and aren't its own, by the place of the caller.
        pairs: forms with a caller's form in a hole, by the place of the caller.
    """

    __slots__ = ("_followed", "_spot", "code", "constants", "fuller", "is_installed", "learnt", "own", "pairs")

    def __init__(self, code: CodeType, lasti: int, module: dict[str, Any], picked: int) -> None:
        self.code = code
        self.is_installed = is_installed(code.co_filename)
        self._spot = lasti, module, picked
        # The guards run inside the statement that they judge: what their own names refer to is nobody's text.
        is_passing = passes_on(code, lasti, module)
        self._followed: Texts | None = NO_TEXTS if is_passing or is_of(module, OURS) else None
        self.constants: frozenset[str] = frozenset()
        self.learnt: Learnt | None = None
        self.pairs: Learnt | None = None
        self.fuller: tuple[Form, ...] | None = () if self.is_installed else None
        self.own = NO_TEXTS if is_passing else _read((code, lasti, module), follow=False, picked=picked)
        if self.own is NO_TEXTS and not is_passing:
            texts = compiled_strings(code, lasti, module) or extension_texts(code, module)
            self.own = Texts((Piece(text, text),) for text in texts) if texts else NO_TEXTS

    @property
    def followed(self) -> Texts:
        """What the statement's names refer to."""
        if self._followed is None:
            lasti, module, picked = self._spot
            self._followed = _read((self.code, lasti, module), follow=True, picked=picked)
            self.constants = self._followed.literals
        return self._followed

    def fullest(self, form: Form, text: str) -> Form:
        """Return the form with the most literal text that `text` matches, given an own one that it matches.

        A constant that a name refers to stays a hole with that name: only compositions tell more.
        """
        if self.fuller is None:
            known = {own.literals for own in self.own.forms}
            self.fuller = tuple(other for other in self.followed.forms if other.literals not in known)
        for other in self.fuller:
            if other.weight <= form.weight:
                break
            if len(other.literals) >= len(form.literals) and other.matches(text):
                return other
        return form


def place_at(spot: Spot, picked: int = 0) -> Place:
    """Return the place of an instruction.

    Args:
        spot: the instruction.
        picked: what the function that it calls picks from, as `passed_tables.picked_by` returns it.
    """
    key = id(spot[0]), spot[1]
    known = PLACES.get(key)
    return known if known is not None else PLACES.keep(key, Place(spot[0], spot[1], spot[2], picked))


@remembering(1024, lambda spot: (spot.code, spot.lasti))
def folded_at(spot: Spot) -> frozenset[str]:
    """Return the texts that a statement of the application makes of constants alone: `f"{PREFIX}.visits"`.

    Only names of things count, without white space: a message has its values' names in their places.
    """
    found = NO_TEXTS if is_installed(spot.code.co_filename) else _read(spot[:3], follow=True, folds=True)
    return frozenset(text for text in found.literals if not _SPACE.search(text))


class Running:
    """The running places: a frame's own and those of its callers."""

    __slots__ = ("depth", "frame")

    def __init__(self, frame: FrameType | None, depth: int = MAX_DEPTH) -> None:
        self.frame = frame
        self.depth = depth

    def __iter__(self) -> Iterator[Spot]:
        """Yield the places, innermost first."""
        return self.outside(())

    def outside(self, known: Container[tuple[int, int]]) -> Iterator[Spot]:
        """Yield the places, innermost first, except known ones.

        Args:
            known: places as in `PLACES`, whose code lives as long as they are there.
        """
        frame = self.frame
        for _ in range(self.depth):
            if frame is None:
                return
            code, lasti = frame.f_code, frame.f_lasti
            if (id(code), lasti) not in known:
                yield Spot(code, lasti, frame.f_globals, frame)
            frame = frame.f_back


def raising(traceback: TracebackType) -> Iterator[Spot]:
    """Yield the places of a traceback: first those from the raise up to the handler, then the handler's callers."""
    entries: list[Spot] = []
    caught_in = traceback.tb_frame.f_back
    entry: TracebackType | None = traceback
    while entry is not None:
        frame = entry.tb_frame
        entries.append(Spot(frame.f_code, entry.tb_lasti, frame.f_globals, frame))
        entry = entry.tb_next
    yield from entries[: -MAX_DEPTH - 1 : -1]
    yield from Running(caught_in, MAX_DEPTH - len(entries))


def _read(place: _Instruction, *, follow: bool, folds: bool = False, picked: int = 0) -> Texts:
    code, lasti, module = place
    strings = strings_of(code)
    if not strings and not follow:
        return NO_TEXTS
    located = locate(code, lasti, module, whole=is_installed(code.co_filename))
    if located is None or (picked == ARGUMENTS and passes_several(located.nodes)):
        return NO_TEXTS
    around = around_of(code, module) if follow else None
    follower = follower_of(module if follow else None, located.function, around=around)
    follower.folds = folds
    everywhere = _strings_within(code, module) if follow else strings
    resolver = None if is_installed(code.co_filename) else follower_of(module, None)
    texts_of = texts_in(located.nodes, follower, min(picked, 1), resolver=resolver)
    found: Iterable[Parts] = (parts for parts in texts_of if compiled_into(parts, everywhere))
    with allowance.of(_STEPS_IN_PACKAGES if is_installed(code.co_filename) else _STEPS):
        if is_installed(code.co_filename):
            found = list(found)
        texts = Texts(found, filled_by(code, found, is_followed=follow))
    return texts if texts.literals or texts.forms or texts.wrappings else NO_TEXTS


def _strings_within(code: CodeType, module: dict[str, Any]) -> frozenset[str]:
    """Return the strings of a code object and those inside it; for a lambda, those of its module."""
    if code.co_name.startswith("<"):
        index = index_of(str(module.get("__name__")))
        return index.strings if index is not None else strings_of(code)
    return NOTHING.union(*map(strings_of, nested(code)))


def around_of(code: CodeType, module: dict[str, Any]) -> Follower | None:
    """Return a resolver for the names that a function takes from the enclosing ones."""
    index = index_of(str(module.get("__name__"))) if code.co_freevars else None
    found: Follower | None = None
    names = code.co_qualname.split(_WITHIN)
    for count in range(1, len(names) if index is not None else 0):
        function = index.functions.get(_WITHIN.join(names[:count])) if index is not None else None
        if function is not None:
            found = follower_of(module, function, around=found)
    return found
