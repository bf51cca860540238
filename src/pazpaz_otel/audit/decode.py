"""Decode a text in every way that a reader could, as long as something new comes out.

A leak is a leak in any encoding. `readings` returns the text and all that can be decoded from it, a few layers deep.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import filterfalse
from urllib.parse import unquote

_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEX_RUN = re.compile(r"[0-9a-fA-F]{8,}")
_BINARY = re.compile(rb"[^\t\n\r -~]")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|[\"\\/bfnrt'])")
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+")
_PUNYCODE = re.compile(r"xn--[a-z0-9-]+", re.IGNORECASE)
_LATIN_RUN = re.compile(r"[\x80-\xff]{2,}")
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DEPTH = 4
_LIMIT = 4_000_000
_SHORT = 32
"""The number of UTF-16 units from which a text may be anywhere between bytes that aren't text."""


_DIGITS = re.compile(r"(?<!\d)\d++[ ()._\-/][\d ()._\-/]*\d")
_SEPARATORS = str.maketrans("", "", " ()._-/")
_DECIMAL = re.compile(r"\d+\.\d+")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return the text without differences that readers don't notice: compatibility forms, case, combining marks."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filterfalse(unicodedata.combining, decomposed))


def text_of(data: bytes) -> Iterator[str]:
    """Yield the texts that bytes can be read as: UTF-8, UTF-16 if plausible, and their decompressed contents."""
    yield data.decode("utf-8", "replace")
    if data[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress, data)
    if data[:1] == b"\x78":
        yield from _unpacked(zlib.decompress, data)
    if len(data) >= 8 and _BINARY.search(data):  # noqa: PLR2004 - four characters
        for start in (0, 1):
            if _in_one_script(data[start::2]):
                yield data[start:].decode("utf-16-be", "ignore")
            if _in_one_script(data[start + 1 :: 2]):
                yield data[start:].decode("utf-16-le", "ignore")
    if b"\x00" in data:
        yield data.replace(b"\x00", b"").decode("utf-8", "replace")


def readings(text: str) -> set[str]:
    """Return the text and everything that can be decoded from it, folded."""
    seen = {text}
    layer = [text]
    size = len(text)
    for _ in range(_DEPTH):
        found: list[str] = []
        for one in layer:
            for decoder in _DECODERS:
                for new in decoder(one):
                    if new not in seen and size < _LIMIT:
                        seen.add(new)
                        size += len(new)
                        found.append(new)
        layer = found
    return {fold(one) for one in seen}


def _in_one_script(high: bytes) -> bool:
    # An alphabet's characters share the upper half of their UTF-16 units; in short noise nearly every byte differs.
    return len(high) > _SHORT or len(set(high)) <= 1 + len(high) // 4


def _unpacked(unpack: Callable[[bytes], bytes], data: bytes) -> Iterator[str]:
    try:
        yield from text_of(unpack(data))
    except (OSError, EOFError, zlib.error):
        return


def _percent(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text, errors="replace")
        yield unquote(text.replace("+", " "), errors="replace")


def _entities(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)


def _escapes(text: str) -> Iterator[str]:
    if "\\" in text:
        plain = _ESCAPE.sub(_unescape, text)
        yield plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(match: re.Match[str]) -> str:
    body = match.group()[1:]
    if body[0] in "uUx" and len(body) > 1:
        code = int(body[1:], 16)
        return chr(code) if code < 0x110000 else "?"  # noqa: PLR2004 - the end of Unicode
    if body[0] in "0123" and len(body) == 3:  # noqa: PLR2004 - an octal escape
        return chr(int(body, 8))
    return _SHORT_ESCAPES.get(body, body)


def _base64(text: str) -> Iterator[str]:
    for run in _BASE64_RUN.findall(text):
        yield from _base64_run(run)


@lru_cache(maxsize=100_000)  # a histogram repeats its labels in every bucket
def _base64_run(run: str) -> tuple[str, ...]:
    run = run.replace("-", "+").replace("_", "/")
    found: list[str] = []
    for start in range(4):
        part = run[start:]
        part = part[: len(part) // 4 * 4] if len(part) % 4 == 1 else part + "=" * (-len(part) % 4)
        with suppress(binascii.Error):
            found += filter(_readable, text_of(base64.b64decode(part, validate=True)))
    return tuple(found)


def _hex(text: str) -> Iterator[str]:
    for run in _HEX_RUN.findall(text):
        yield from _hex_run(run)


@lru_cache(maxsize=100_000)
def _hex_run(run: str) -> tuple[str, ...]:
    parts = (run[start:] for start in range(2))
    return tuple(
        text for part in parts for text in text_of(bytes.fromhex(part[: len(part) // 2 * 2])) if _readable(text)
    )


def _quoted_printable(text: str) -> Iterator[str]:
    if "=" in text:
        yield _QUOTED_PRINTABLE.sub(
            lambda m: bytes.fromhex(m.group().replace("=", "")).decode("utf-8", "replace"), text
        )


def _punycode(text: str) -> Iterator[str]:
    for match in _PUNYCODE.finditer(text):
        try:
            yield match.group()[4:].encode().decode("punycode")
        except UnicodeError:
            continue


def _mojibake(text: str) -> Iterator[str]:
    # ASGI servers pass header bytes as Latin-1 text, so a UTF-8 name in a header leaves in this form.
    if _LATIN_RUN.search(text):
        yield _LATIN_RUN.sub(lambda m: m.group().encode("latin-1").decode("utf-8", "replace"), text)


def _joined_digits(text: str) -> Iterator[str]:
    joined = _DIGITS.sub(_joined, text)
    if joined != text:
        yield joined


def _joined(run: re.Match[str]) -> str:
    # A duration such as 19.811127 isn't a date of birth.
    return run[0] if _DECIMAL.fullmatch(run[0]) else run[0].translate(_SEPARATORS)


def _readable(text: str) -> bool:
    # Decoding identifiers by chance gives binary noise: language is never more than a fifth unprintable.
    if len(text) < 4:  # noqa: PLR2004 - shorter than any token
        return False
    replaced = text.count("\ufffd")
    if replaced * 5 > len(text):
        return False
    if text.isprintable():
        return True
    seen = _SPACE.sub("", text)
    return (replaced + len(seen) - sum(map(str.isprintable, seen))) * 5 <= len(text)


_DECODERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _percent,
    _entities,
    _escapes,
    _base64,
    _hex,
    _quoted_printable,
    _punycode,
    _mojibake,
    _joined_digits,
)
