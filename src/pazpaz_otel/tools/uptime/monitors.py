"""Read and validate the uptime monitors in `monitoring/uptime/monitors.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pazpaz_otel.errors import SettingsError
from pazpaz_otel.tools.reading import read_mapping

if TYPE_CHECKING:
    from pathlib import Path

_UNITS = {"s": 1, "m": 60, "h": 3600}
_MIN_INTERVAL = 30
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_FIELDS = {
    "version", "site", "environment", "every", "failures", "inside", "timeout", "notify", "uptimerobot", "monitors",
}  # fmt: skip
_MONITOR_FIELDS = {
    "http": {"title", "type", "path", "status"},
    "keyword": {"title", "type", "path", "status", "contains"},
    "certificate": {"title", "type", "days"},
}
_MAX_KEYWORD_LENGTH = 500


@dataclass(frozen=True)
class Monitor:
    """A monitor of one URL.

    Attributes:
        name: its label in Prometheus.
        title: its name at UptimeRobot, by which it is recognised there.
        type: ``http``, ``keyword`` or ``certificate``.
        url: the URL to request.
        status: the only status that counts as up; None for certificates.
        contains: text that the body must contain to count as up; None for anything.
        days: how many days before a certificate's expiry to alert; None for HTTP.
    """

    name: str
    title: str
    type: str
    url: str
    status: int | None = None
    contains: str | None = None
    days: int | None = None


@dataclass(frozen=True)
class Uptime:
    """All monitors, and when to alert; durations in seconds. `inside` is the interval of the stack's own probes."""

    environment: str
    every: int
    failures: int
    inside: int
    timeout: int
    email: str
    recovery: bool
    plan: str
    monitors: tuple[Monitor, ...]

    @property
    def delay(self) -> int:
        """Seconds from the first failed check to the one that sends an alert."""
        return (self.failures - 1) * self.every


def load_monitors(path: Path) -> Uptime:
    """Read and validate the monitors.

    Raises:
        SettingsError: the file can't be read or is invalid; the message says where, and what is expected.
    """
    source = read_mapping(path)
    try:
        return _uptime(source)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        missing = f"needs {error}" if isinstance(error, KeyError) else str(error)
        raise SettingsError(f"{path}: {missing}") from None


def _uptime(source: dict[str, Any]) -> Uptime:
    _known(source, _FIELDS, "the file")
    site = str(source["site"]).rstrip("/")
    parts = urlsplit(site)
    if parts.scheme != "https" or not parts.hostname or parts.path or parts.query:
        raise ValueError("site: must be https:// and a host, such as https://pazpaz.app")
    plan = str(source.get("uptimerobot", {}).get("plan", "free"))
    if plan not in {"free", "paid"}:
        raise ValueError("uptimerobot.plan: must be free or paid")
    every = _seconds(source["every"], "every")
    if every < _MIN_INTERVAL:
        raise ValueError("every: must be 30s or more")
    timeout = _seconds(source["timeout"], "timeout")
    inside = source["inside"]
    _known(inside, {"every", "failures"}, "inside")
    _positive(inside["failures"], "inside.failures")
    if _seconds(inside["every"], "inside.every") < timeout + 2:
        raise ValueError("inside.every: must be at least two seconds more than timeout")
    return Uptime(
        environment=str(source["environment"]),
        every=every,
        failures=_positive(source["failures"], "failures"),
        inside=_seconds(inside["every"], "inside.every"),
        timeout=timeout,
        email=str(source["notify"]["email"]),
        recovery=bool(source["notify"]["recovery"]),
        plan=plan,
        monitors=tuple(_monitor(name, entry, site) for name, entry in source["monitors"].items()),
    )


def _monitor(name: str, entry: dict[str, Any], site: str) -> Monitor:
    if not _NAME.fullmatch(name):
        raise ValueError(f"monitors: {name!r} isn't a valid name; use lower-case letters, digits and dashes")
    kind = entry["type"]
    if kind not in _MONITOR_FIELDS:
        raise ValueError(f"monitors.{name}.type: must be http, keyword or certificate")
    _known(entry, _MONITOR_FIELDS[kind], f"monitors.{name}")
    if kind == "certificate":
        return Monitor(name, entry["title"], kind, site, days=_positive(entry["days"], f"monitors.{name}.days"))
    path = str(entry["path"])
    if not path.startswith("/") or "?" in path:
        raise ValueError(f"monitors.{name}.path: must be a path without a query, such as /health")
    status = _positive(entry["status"], f"monitors.{name}.status")
    contains = _keyword(entry["contains"], f"monitors.{name}.contains") if kind == "keyword" else None
    return Monitor(name, entry["title"], kind, site + path, status=status, contains=contains)


def _known(entry: dict[str, Any], fields: set[str], where: str) -> None:
    unknown = sorted(set(entry) - fields)
    if unknown:
        raise ValueError(f"{where}: unknown field {', '.join(unknown)}; use {', '.join(sorted(fields))}")


def _seconds(text: object, field: str) -> int:
    match = re.fullmatch(r"(\d+)([smh])", str(text))
    if not match:
        raise ValueError(f"{field}: must be a number and s, m or h, such as 5m")
    return int(match[1]) * _UNITS[match[2]]


def _keyword(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_KEYWORD_LENGTH or not value.isprintable():
        raise ValueError(f"{field}: must be text that the response contains, up to {_MAX_KEYWORD_LENGTH} characters")
    return value


def _positive(value: object, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{field}: must be an integer of 1 or more")
    return value
