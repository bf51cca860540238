"""Show of lines and names only what the application's source has words for: the rest may be people of its database."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.audit.scan import Find

MARK: Final = "▒"
_OTHER: Final = "…"
_SHOWN: Final = 100
_MAX_FILES: Final = 5000
# Groups of digits are one word: a source with each of them hasn't somebody's telephone number.
_WORD: Final = re.compile(r"[^\W\d_]+|\d+(?:[^\w\n]\d+)*")
_ENVIRONMENT: Final = "pyvenv.cfg"


def excerpt(find: Find) -> str:
    """Return the beginning of a find's line, with marks in place of the token and of words that aren't the source's.

    An application that is audited with its own database writes of people who weren't planted. What the application's
    source has no word for may be one of them. Empty if the token can't be masked in the line unchanged.
    """
    shown = find.line.strip().replace(find.token, MARK)
    if not find.when or MARK not in shown:
        return ""
    return of_source(shown)[:_SHOWN]


def of_source(text: str, besides: str = "") -> str:
    """Return the text with marks in place of the words that neither the application's source nor `besides` has."""
    known = _source_words(Path.cwd()).union(_WORD.findall(besides))
    words = _WORD.sub(lambda found: found[0] if found[0] in known else _OTHER, text)
    return re.sub(rf"{_OTHER}(?:[\W_]?{_OTHER})+", _OTHER, words)


def is_of_source(text: str) -> bool:
    """Return whether the application's source has every word of a name."""
    return _source_words(Path.cwd()).issuperset(_WORD.findall(text))


@functools.cache
def _source_words(folder: Path) -> frozenset[str]:
    """Return the words of the application's modules: those below the folder in which it is started."""
    words: set[str] = set()
    for _, file in zip(range(_MAX_FILES), _modules(folder), strict=False):
        words.update(_WORD.findall(file.read_text(encoding="utf-8", errors="ignore")))
    return frozenset(words)


def _modules(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        # Tests and fixtures have people's names; environments have everybody's words.
        folders[:] = [name for name in folders if not name.startswith((".", "test")) and name != "node_modules"]
        if _ENVIRONMENT in files:
            folders.clear()
            continue
        yield from (Path(place, name) for name in files if name.endswith(".py") and not name.startswith("test"))
