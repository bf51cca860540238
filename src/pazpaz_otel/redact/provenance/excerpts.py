"""Words inside the texts of running statements, such as the host in a URL or a name in an SQL statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.places import Running, place_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_MIN_LENGTH: Final = 3
_MAX_LENGTH: Final = 253


def stands_within(word: str, frame: FrameType) -> bool:
    """Return whether a text of a running statement contains a word, with no other word character around it.

    Args:
        word: the word.
        frame: the application's innermost frame.
    """
    if not _MIN_LENGTH <= len(word) <= _MAX_LENGTH:
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
