"""Words that stand inside the texts of the running statements: the host of a URL, a name in a statement of SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.places import Running, place_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SHORTEST: Final = 3
_LONGEST: Final = 253


def stands_within(word: str, frame: FrameType) -> bool:
    """Return whether a word stands, between other characters than a word's, in a text of a running statement.

    Args:
        word: what is looked for.
        frame: the innermost one of the application.
    """
    if not _SHORTEST <= len(word) <= _LONGEST:
        return False
    whole = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
    return any(whole.search(text) for text in _texts(frame))


def _texts(frame: FrameType) -> Iterator[str]:
    for spot in Running(frame):
        place = place_at(spot)
        if place.is_installed:
            continue
        for texts in (place.own, place.followed):
            yield from texts.literals
            for form in texts.forms:
                yield from form.literals
