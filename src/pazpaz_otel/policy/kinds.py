"""The kinds: closed grammars, and the shapes of what only the running process can prove.

A grammar is a full match over a bounded alphabet and length. Patterns are written in the common subset of Python's
`re`, RE2 (the Collector) and ECMAScript (the browser), so that one text serves all three.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pazpaz_otel.policy.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

HTTP_METHODS: Final = (
    "CONNECT",
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
    "QUERY",
    "TRACE",
    "_OTHER",
)
"""RFC 9110 §9, RFC 5789, the QUERY method, and the semantic conventions' name for any other."""

GRAMMARS: Final[dict[str, str]] = {
    "method": "^(?:" + "|".join(HTTP_METHODS) + ")$",
    # RFC 9562: versions 4 and 7 hold nothing but randomness and time; the others can hold a name or a machine.
    "uuid": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[47][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
    "trace_id": "^[0-9a-f]{32}$",
    "span_id": "^[0-9a-f]{16}$",
    # A UUID of version 4 without dashes, as Sentry writes the ids of its events; other hexadecimal text may be a hash.
    "event_id": "^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$",
    "digest": "^[0-9a-f]{16}$",
    "protocol_version": r"^(?:[0-3](?:\.[0-2])?)$",
    # Names that the standard library and the ASGI servers give to threads; a name given by hand is not among them.
    "thread_name": (
        "^(?:MainThread|AnyIO worker thread|Thread-[0-9]{1,6}|(?:ThreadPoolExecutor-[0-9]{1,4}|asyncio)_[0-9]{1,4})$"
    ),
}
"""The grammar of each kind of text that the value alone proves."""

NUMBERS: Final[dict[str, tuple[float, float]]] = {
    "status_code": (100, 599),
    "port": (0, 65535),
    "duration": (0, 604800),
}
"""Numbers with bounds of their own; `number` takes its bounds from the policy."""

RUNTIME: Final[dict[str, str]] = {
    "route": r"^/[A-Za-z0-9_{}:./~*-]{0,255}$",
    "url_path": r"^/[A-Za-z0-9_{}:./~*-]{0,255}$",
    "url_origin": r"^(?:https?|wss?)://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?$",
    "host": r"^[A-Za-z0-9.:_-]{1,253}$",
    "sql": r"^[A-Za-z0-9_ .,;:()\[\]*?$=<>!+/|&%~^@\"`'{}#\n\t-]{1,65536}$",
    # The stock instrumentation of SQLAlchemy adds the database's name.
    "sql_operation": r"^[A-Z][A-Z ]{0,31}(?: [A-Za-z0-9_.:-]{1,128})?$",
    "db_name": r"^[A-Za-z0-9_.:-]{1,128}$",
    "db_identifier": r"^[A-Za-z0-9_.]{1,128}$",
    "db_user": r"^[A-Za-z0-9_.-]{1,64}$",
    "redis": (
        r"^[A-Z][A-Z0-9._]{0,31}(?: [A-Z][A-Z0-9._]{0,31}){0,63}(?: \?)*(?:\n[A-Z][A-Z0-9._]{0,31}(?: \?)*){0,64}$"
    ),
    "class": r"^[A-Za-z_][A-Za-z0-9_.]{0,255}$",
    "error_type": r"^(?:[1-5][0-9]{2}|_OTHER|[A-Za-z_][A-Za-z0-9_.]{0,255})$",
    "module": r"^[A-Za-z_][A-Za-z0-9_.]{0,255}$",
    "function": r"^[A-Za-z_<][A-Za-z0-9_.<>]{0,255}$",
    "file": r"^[A-Za-z0-9_./<>-]{1,255}$",
    "version": r"^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$",
    "config": r"^[A-Za-z][A-Za-z0-9._/-]{0,62}$",
    "instance": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
    "text": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{0,4096}$",
    "stacktrace": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{0,65536}$",
}
"""The shape of each kind that only the running process proves. A shape isn't proof: it is what a receiver that
believes its sender's provenance still asks for."""

NAMES: Final = frozenset({"enum", "bool", "number", *GRAMMARS, *NUMBERS, *RUNTIME})
"""Every kind there is."""


def accept(kind: Kind, value: object) -> bool | int | float | str | None:
    """The value in its kind's type, or `None` where the value alone doesn't prove that it belongs.

    Runtime kinds are never accepted here.
    """
    judge = _judge(kind)
    return None if judge is None else judge(value)


def pattern(kind: Kind) -> str | None:
    """The anchored regular expression that every text of `kind` matches, or `None` for booleans and numbers."""
    if kind.name == "enum":
        return "^(?:" + "|".join(re.escape(value) for value in kind.values) + ")$"
    return GRAMMARS.get(kind.name) or RUNTIME.get(kind.name)


@lru_cache(maxsize=1024)
def _judge(kind: Kind) -> Callable[[object], bool | int | float | str | None] | None:
    if kind.name == "enum":
        # The policy's own text leaves, not the value: a subclass of `str` may compare equal and print another.
        members = {member: member for member in kind.values}
        return lambda value: members.get(value) if isinstance(value, str) else None
    if kind.name == "bool":
        return lambda value: value if isinstance(value, bool) else None
    if kind.name == "uuid":
        grammar = re.compile(GRAMMARS["uuid"])
        return lambda value: value.lower() if isinstance(value, str) and grammar.fullmatch(value) else None
    if kind.name in GRAMMARS:
        grammar = re.compile(GRAMMARS[kind.name])
        return lambda value: str(value) if isinstance(value, str) and grammar.fullmatch(value) else None
    if kind.proof == "runtime":
        return None
    low, high = NUMBERS.get(kind.name, (kind.minimum, kind.maximum))
    whole = kind.name in {"status_code", "port"}
    return lambda value: _number(value, low, high, whole=whole)


def _number(value: object, low: float | None, high: float | None, *, whole: bool) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and not isinstance(value, int)):
        return None
    # A subclass may compare as it likes, so the plain number is judged, and leaves.
    plain = int(value) if isinstance(value, int) else float(value)
    # Compares false with what isn't a number, and without converting an integer that no float can hold.
    if low is None or high is None or not low <= plain <= high:
        return None
    return plain


def make_kind(
    name: str, *, values: tuple[str, ...] = (), minimum: float | None = None, maximum: float | None = None
) -> Kind:
    """A kind by name.

    Raises:
        KeyError: there is no kind of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    return Kind(name, "runtime" if name in RUNTIME else "grammar", values, minimum, maximum)
