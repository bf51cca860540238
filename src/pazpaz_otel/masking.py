"""Find the secrets in an environment, and remove them from texts, also where only a part of one is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

_MASK: Final = "***"
_NAME: Final = re.compile(r"HEADERS|DSN|TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|CREDENTIAL", re.IGNORECASE)
_QUERY_KEY: Final = re.compile(rf"{_NAME.pattern}|KEY|AUTH|SIG", re.IGNORECASE)
_USER_INFO: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s@'\"]+@", re.IGNORECASE)
_BARE_USER_INFO: Final = re.compile(r"[^\s:@/,=]+:[^@]+@.+")
# Shorter ones would mask ordinary words.
_SHORTEST: Final = 4
_SHORTEST_PART: Final = 6


def mask(text: str, env: Mapping[str, str]) -> str:
    """Return `text` without the environment's secrets and without a URL's user and password."""
    found = {secret for name, value in env.items() for secret in _secrets(name, value)}
    for secret in sorted(found, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _USER_INFO.sub(rf"\1{_MASK}@", text)


def _secrets(name: str, value: str) -> Iterator[str]:
    if _NAME.search(name):
        yield from (value.strip(),) if len(value.strip()) >= _SHORTEST else ()
        yield from _long(_header_parts(value))
    if "://" in value or _BARE_USER_INFO.fullmatch(value):
        yield from _long(_url_parts(value))


def _long(parts: Iterator[str]) -> Iterator[str]:
    """Yield the parts, and what each is once it is decoded, if they are long enough."""
    yield from (part for raw in parts for part in {raw, unquote(raw)} if len(part) >= _SHORTEST_PART)


def _header_parts(value: str) -> Iterator[str]:
    """Yield the values of headers, and of each its last word, which a scheme such as `Bearer` precedes."""
    for pair in value.split(","):
        given = re.split(r"[=:]", pair, maxsplit=1)[-1].strip()
        yield given
        yield unquote(given).rpartition(" ")[2]


def _url_parts(value: str) -> Iterator[str]:
    """Yield user and password, whatever characters are in them, and a query's keys of access."""
    for url in {value, *value.split(",")}:
        rest = url.partition("://")[2] or url
        user_info = rest.rpartition("@")[0]
        yield from (user_info, user_info.partition(":")[2], *re.split(r"[\s:/@#?]", user_info))
        for pair in rest.partition("?")[2].split("&"):
            key, _, given = pair.partition("=")
            if _QUERY_KEY.search(key):
                yield given
