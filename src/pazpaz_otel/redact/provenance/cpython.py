"""Templates of messages that no Python source contains: CPython's own, from 3.11 to 3.14, and servers' responses.

`{type}` stands for a class name and `{name}` for an identifier; they are filled in if the caller proves them. `{…}`
stands for anything, and is never filled in. The sources are CPython's `Objects`, `Python` and `Modules`.
"""

from __future__ import annotations

import builtins
import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import remembering

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLES: Final = ("cpython_messages.txt", "server_messages.txt")
_SECTION: Final = re.compile(r"\[([\w. ]+)\]")
_OPERATORS: Final = (
    "+ - * / // % @ & | ^ << >> ** += -= *= /= //= %= @= &= |= ^= <<= >>= **= < <= > >= == != ~ divmod()".split()
)
_CODECS: Final = frozenset(
    "ascii utf-8 utf-16 utf-32 latin-1 charmap utf-16-le utf-16-be utf-32-le idna punycode".split()
)
_FIELD: Final = re.compile(r"\{(type|name|names|module|op|codec|reason|…)\}")
_PATTERNS: Final = {
    # Limited in length only: what isn't proven isn't filled in.
    "type": r"([^'\n]{1,256})",
    "name": r"([^'\n]{1,256})",
    "module": r"([^'\n]{1,256})",
    "names": r"((?:'?[^\W\d]\w{0,127}'?(?:, and |, | and )?){1,32})",
    "op": "(" + "|".join(map(re.escape, sorted(_OPERATORS, key=len, reverse=True))) + ")",
    "codec": r"([a-z0-9_-]{1,32})",
    "reason": r"([ -~]{1,64})",
    "…": "(.*)",
}
_QUOTED: Final = re.compile(r"[^\W\d]\w*")

_MAX_LENGTH: Final = 64 * 1024
"""Of a message; some contain a whole value, such as an upload that is no number, and each template searches it."""

_Compiled = tuple[re.Pattern[str], str, list[str]]
_ANY: Final = ""


def message_of(
    cls: type, text: str, *, type_proven: Callable[[str], bool], name_proven: Callable[[str], bool]
) -> str | None:
    """Return what may leave of a message from CPython, or None if it isn't one.

    Args:
        cls: the exception's class.
        text: its message.
        type_proven: returns whether a name is that of a class in the program.
        name_proven: returns whether an identifier is in the program's code.
    """
    if len(text) > _MAX_LENGTH:
        return None
    for base in cls.__mro__:
        templates = _of(base)
        for pattern, template, fields in templates.get(text[:1], templates[_ANY]):
            found = pattern.fullmatch(text)
            if found is not None:
                return _fill(template, fields, found.groups(), type_proven, name_proven)
    return None


def texts_of(section: str) -> list[str]:
    """Return the texts of compiled code that no class raises: `codecs`, `speedate`, `asyncio`."""
    return _table()[section]


def is_json_message(text: str) -> bool:
    """Return whether this is a message of `json`, without the position, which tells of the data."""
    return any(line.startswith(f"{text}: line {{") for line in _table()["json.decoder.JSONDecodeError"])


@remembering(64)
def _of(cls: type) -> dict[str, list[_Compiled]]:
    """Return the templates of a class, by the letter that they begin with; `_ANY` has those that begin with a field."""
    name = cls.__name__ if cls.__module__ == builtins.__name__ else f"{cls.__module__}.{cls.__name__}"
    # Templates with more literal text are more specific.
    ordered = sorted(_table().get(name, ()), key=lambda line: -len(_FIELD.sub("", line)))
    starts = {line: _ANY if _FIELD.match(line) else line[:1] for line in ordered}
    found: dict[str, list[_Compiled]] = {start: [] for start in (_ANY, *starts.values())}
    for line in ordered:
        compiled = _compile(line)
        for start, templates in found.items():
            if starts[line] in {_ANY, start}:
                templates.append(compiled)
    return found


@functools.cache
def _table() -> dict[str, list[str]]:
    """Read the templates, by the class that raises them, when they are first needed."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    folder = resources.files(__package__)
    for line in "\n".join(folder.joinpath(table).read_text("utf-8") for table in _TABLES).splitlines():
        section = _SECTION.fullmatch(line)
        if section is not None:
            first, *others = section[1].split()
            lines = found.setdefault(first, [])
            found |= dict.fromkeys(others, lines)
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


def _compile(line: str) -> _Compiled:
    pieces = _FIELD.split(line)
    pattern = "".join(_PATTERNS[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
    return re.compile(pattern, re.DOTALL), line, pieces[1::2]


def _fill(
    template: str,
    fields: list[str],
    values: tuple[str, ...],
    type_proven: Callable[[str], bool],
    name_proven: Callable[[str], bool],
) -> str:
    remaining = iter(zip(fields, values, strict=True))

    def fill(_: re.Match[str]) -> str:
        field, value = next(remaining)
        if field == "type":
            return value if type_proven(value) else "{type}"
        if field in {"name", "module"}:
            return value if all(part == "<locals>" or name_proven(part) for part in value.split(".")) else "{name}"
        if field == "names":
            return _QUOTED.sub(lambda word: word[0] if word[0] == "and" or name_proven(word[0]) else "{name}", value)
        told = {"op": (value,), "codec": _CODECS, "reason": texts_of("codecs")}
        return value if value in told.get(field, ()) else "{…}"

    return _FIELD.sub(fill, template)
