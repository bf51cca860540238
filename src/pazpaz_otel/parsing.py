"""Parse the texts of environment variables: switches, numbers, lists."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from pazpaz_otel.errors import SettingsError
from pazpaz_otel.parameters import WEB_FRAMEWORKS

# Never a bare USER or HOSTNAME, which name a person or a machine.
_DATABASE_PART: Final = re.compile(
    r"(?:\w+_)?(?:PG|POSTGRES|POSTGRESQL|MYSQL|MARIADB|DB|DATABASE|SQL|REDIS|RABBITMQ|AMQP|MONGO|MONGODB)_?"
    r"(HOST|HOSTNAME|SERVER|USER|USERNAME|DB|NAME|DATABASE|DBNAME)"
)
# Whole words: `AMOUNT`, `DATABASE_PATH` and `QUEUE_OWNER` are of something else.
_REGISTERED: Final = re.compile(
    r"(?:.*_)?(?:QUEUES?(?:_(?:NAMES?|PREFIX|DEFAULT|HIGH|LOW|FAST|SLOW|URGENT|PRIORITY))?|ROUTES?|MOUNT(?:_?POINT)?"
    r"|SCRIPT_NAME|APPLICATION_ROOT|API_V[0-9]_STR"
    r"|(?:API|ROOT|BASE|URL|ADMIN|ROUTER?|MOUNT|PATH|TASK|JOB)_?(?:PATH|URL|PREFIX))"
)
# Without the slash, a prefix may be that of a bucket's keys.
_SLASHED: Final = re.compile(
    r"(?:.*_)?(?:PREFIX|(?:MEDIA|STATIC)_?URL"
    r"|(?:CALLBACK|DOCS|GRAPHQL|HEALTH|LOGIN|LOGOUT|METRICS|OPENAPI|PUBLIC|REDOC|SWAGGER|WEBHOOKS?)"
    r"_?(?:ENDPOINT|PATH|URL))"
)
_SHORT_PATH: Final = re.compile(r"/?[A-Za-z0-9_.:,-]{1,80}(?:/[A-Za-z0-9_.-]{1,40}){0,3}/?")
_FOLDER: Final = re.compile(r"/(?:etc|home|lib|media|mnt|nix|opt|private|root|run|srv|tmp|usr|var|Users|Volumes)/.*")
_PARTS: Final = {
    **dict.fromkeys(("HOST", "HOSTNAME", "SERVER"), "host"),
    **dict.fromkeys(("USER", "USERNAME"), "user"),
    **dict.fromkeys(("DB", "NAME", "DATABASE", "DBNAME"), "name"),
}
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_OFF: Final = frozenset({"false", "0", "no", "off"})
_FALSE: Final = _OFF | {""}


def database_parts(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of part and value of database addresses (`PGHOST`, `POSTGRES_DB`, `DB_USER`)."""
    for name, value in env.items():
        found = _DATABASE_PART.fullmatch(name.upper())
        if found is not None and value and "://" not in value:
            yield _PARTS[found[1]], value


def registered_words(env: Mapping[str, str]) -> Iterator[str]:
    """Yield the values that routes may begin with (`API_PREFIX=/api/v2`) or queues be named by (`QUEUES=high,low`)."""
    return (value for name, value in env.items() if is_registered(name, value))


def is_registered(name: str, value: str) -> bool:
    """Return whether a setting's name says that routes begin with its value or queues have it, which is no folder."""
    if not _SHORT_PATH.fullmatch(value) or _FOLDER.match(value):
        return False
    name = name.upper()
    return bool(_REGISTERED.fullmatch(name)) or (value.startswith("/") and bool(_SLASHED.fullmatch(name)))


def excluded_urls(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of web framework and the patterns of its URLs that are neither traced nor counted."""
    for framework in WEB_FRAMEWORKS:
        own = env.get(f"OTEL_PYTHON_{framework.upper()}_EXCLUDED_URLS")
        if patterns := own or env.get("OTEL_PYTHON_EXCLUDED_URLS"):
            yield framework, patterns


def is_off(env: Mapping[str, str], name: str) -> bool:
    """Return whether a switch that is on by default is turned off."""
    return env.get(name, "").strip().lower() in _OFF


def is_false(value: str) -> bool:
    """Return whether a switch is off."""
    return value.strip().lower() in _FALSE


def path(value: str) -> str | None:
    """Return the file name in a setting that is neither true nor false, or None."""
    return None if value.strip().lower() in _TRUE | _FALSE else value.strip()


def flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return whether a switch is on.

    Raises:
        SettingsError: it is neither true nor false.
    """
    value = env.get(name)
    if value is None:
        return default
    if value.strip().lower() in _TRUE:
        return True
    if value.strip().lower() in _FALSE:
        return default if value == "" else False
    raise SettingsError(f"{name} must be true or false")


def port(env: Mapping[str, str], name: str, default: int) -> int:
    """Return a port number.

    Raises:
        SettingsError: it isn't one.
    """
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 0 <= int(value) <= 65535:  # noqa: PLR2004
        raise SettingsError(f"{name} must be an integer between 0 and 65535")
    return int(value)


def ledger(text: str) -> str:
    """Return `auto`, `on`, `off`, or a directory.

    Raises:
        SettingsError: it is something else.
    """
    value = text.strip()
    if value.lower() in {"", "auto"}:
        return "auto"
    if value.lower() in _TRUE:
        return "on"
    if value.lower() in _FALSE:
        return "off"
    if not os.path.isabs(value):  # noqa: PTH117 - a text, not a file
        raise SettingsError("PAZPAZ_OTEL_LEDGER must be auto, on, off, or the absolute path of a directory")
    return value


def seconds(env: Mapping[str, str], name: str, default: float) -> float:
    """Return a number of seconds within a day.

    Raises:
        SettingsError: it isn't one.
    """
    try:
        value = float(env.get(name) or default)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86400:  # noqa: PLR2004
        raise SettingsError(f"{name} must be a number of seconds between 0 and 86400")
    return value


def milliseconds(text: str) -> float | None:
    """Return milliseconds as seconds, or None if the text isn't a positive number."""
    # The SDK reports a wrong value.
    try:
        value = float(text) / 1000
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def count(text: str, otherwise: int = 1) -> int:
    """Return a whole number, or another one if the text is none: one worker, for example."""
    # Whoever uses the value reports a wrong one; here it is only a hint.
    return int(text) if text.isascii() and text.isdigit() else otherwise


def names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the decoded keys and values in a comma-separated list of `key=value`."""
    pairs = []
    for item in text.split(","):
        key, separator, value = item.partition("=")
        if separator and key.strip():
            pairs.append((key.strip(), unquote(value.strip())))
    return pairs
