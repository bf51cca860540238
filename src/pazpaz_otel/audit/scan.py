"""Search for planted tokens in what left the process.

An index by runs of four characters finds thousands of tokens in one pass over the text. The longer the shortest token,
the fewer places are looked at: each token is indexed by as many runs as places are passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pazpaz_otel.audit.decode import fold, readings, text_of

_GRAM = 4
"""The number of characters by which tokens are indexed, and so the length of the shortest."""


@dataclass(frozen=True)
class Find:
    """A planted string that was found.

    Attributes:
        plant: the id under which it was planted.
        where: the place where it was found, such as ``otlp /v1/traces span.name``.
        token: the part of the planted string that was found.
        when: for an application, when it left: the route that answered next, or `AFTER` or `AGAIN`.
        line: the line with the token.
    """

    plant: str
    where: str
    token: str
    when: str = ""
    line: str = ""


_HEXADECIMAL = frozenset("0123456789abcdef")
_IDENTIFIER = 16
"""The number of hexadecimal digits in OpenTelemetry's shortest identifier, a span id."""


class Scanner:
    """Search for the tokens of planted strings.

    Args:
        tokens: for each plant's id, the parts of it that identify the patient; parts shorter than four characters
            are left out, because chance would find them.
    """

    def __init__(self, tokens: Mapping[str, Iterable[str]]) -> None:
        forms = {
            (form, plant, part)
            for plant, parts in tokens.items()
            for part in parts
            for form in _forms(part)
            if len(form) >= _GRAM
        }
        common = Counter(gram for form, _, _ in forms for gram in _grams(form))
        self._step = min((len(form) for form, _, _ in forms), default=_GRAM) - _GRAM + 1
        self._index: dict[str, list[tuple[int, str, str, str]]] = {}
        for form, plant, part in forms:
            grams = _grams(form)
            start = _rarest([common[gram] for gram in grams], self._step)
            for offset in range(start, start + self._step):
                self._index.setdefault(grams[offset], []).append((offset, form, plant, part))
        self._known: dict[str, frozenset[tuple[str, str]]] = {}

    def text(self, text: str, where: str) -> Iterator[Find]:
        """Yield the finds in a text, in any of its decodings."""
        hits = self._known.get(text)
        if hits is None:
            hits = frozenset(hit for reading in readings(text) for hit in self._hits(reading))
            if len(text) < 10_000:  # noqa: PLR2004 - telemetry repeats its short strings
                self._known[text] = hits
        yield from (Find(plant, where, part) for plant, part in sorted(hits))

    def data(self, data: bytes, where: str) -> Iterator[Find]:
        """Yield the finds in raw bytes: as text, as UTF-16, decompressed, and decoded further where they are text."""
        for text in text_of(data):
            for line in text.splitlines() or [text]:
                yield from (replace(find, line=line) for find in self.text(line, where))

    def _hits(self, text: str) -> Iterator[tuple[str, str]]:
        ends = len(text) - _GRAM + 1
        for position in [at for at in range(0, ends, self._step) if text[at : at + _GRAM] in self._index]:
            for offset, form, plant, part in self._index[text[position : position + _GRAM]]:
                start = position - offset
                if start >= 0 and text.startswith(form, start) and _stands_alone(text, start, form):
                    yield plant, part


def _forms(part: str) -> set[str]:
    folded = fold(part)
    return {folded.replace("-", separator) for separator in ("-", "_", ".", "")}


def _grams(text: str) -> list[str]:
    return [text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)]


def _rarest(counts: list[int], number: int) -> int:
    """Return where that many neighbours have the smallest sum."""
    return min(range(len(counts) - number + 1), key=lambda at: sum(counts[at : at + number]))


def _stands_alone(text: str, start: int, form: str) -> bool:
    # Nine digits inside a longer number are chance: a timestamp in nanoseconds contains eleven such runs.
    if not form.isdigit():
        return True
    end = start + len(form)
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    return not (before.isdigit() or after.isdigit() or _in_identifier(text, start, end))


def _in_identifier(text: str, start: int, end: int) -> bool:
    # So is a run of digits inside a trace id, a span id or a digest.
    first, last = start, end
    while first and text[first - 1] in _HEXADECIMAL:
        first -= 1
    while last < len(text) and text[last] in _HEXADECIMAL:
        last += 1
    return last - first >= _IDENTIFIER
