"""The uptime monitors of `monitoring/uptime/monitors.yaml`, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from pazpaz_otel.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_UNITS = {"s": 1, "m": 60, "h": 3600}
_FASTEST = 30
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_FIELDS = {
    "version", "site", "environment", "every", "failures", "inside", "timeout", "notify", "uptimerobot", "monitors",
}  # fmt: skip
_MONITOR_FIELDS = {
    "http": {"title", "type", "path", "status"},
    "keyword": {"title", "type", "path", "status", "contains"},
    "certificate": {"title", "type", "days"},
}
_LONGEST_KEYWORD = 500


@dataclass(frozen=True)
class Monitor:
    """One thing that must be reachable.

    Attributes:
        name: its label in Prometheus.
        title: its name at UptimeRobot, and what it is recognised by there.
        type: ``http``, ``keyword`` or ``certificate``.
        url: what is asked for.
        status: the only status that counts as up; None for a certificate.
        contains: text that the body must have to count as up; None for anything.
        days: a certificate that expires sooner is told; None for HTTP.
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
    """All monitors and when an alert is sent; durations in seconds. `inside`: between two probes of the stack's own."""

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
        """Seconds from the first check that fails to the one at which an alert is sent."""
        return (self.failures - 1) * self.every


def load_monitors(path: Path) -> Uptime:
    """Read the monitors.

    Raises:
        SettingsError: the file can't be read or holds something else; the message says where and what it takes.
    """
    try:
        source = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({type(error).__name__})") from None
    except yaml.YAMLError:
        raise SettingsError(f"{path}: is not YAML") from None
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
        raise ValueError("site: takes https:// and a host, as in https://pazpaz.app")
    plan = str(source.get("uptimerobot", {}).get("plan", "free"))
    if plan not in {"free", "paid"}:
        raise ValueError("uptimerobot.plan: takes free or paid")
    every = _seconds(source["every"], "every")
    if every < _FASTEST:
        raise ValueError("every: takes 30s or more")
    timeout = _seconds(source["timeout"], "timeout")
    inside = source["inside"]
    _known(inside, {"every", "failures"}, "inside")
    _positive(inside["failures"], "inside.failures")
    if _seconds(inside["every"], "inside.every") < timeout + 2:
        raise ValueError("inside.every: takes two seconds more than timeout, or longer")
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
        raise ValueError(f"monitors: {name!r} is no name; takes lower-case letters, digits and dashes")
    kind = entry["type"]
    if kind not in _MONITOR_FIELDS:
        raise ValueError(f"monitors.{name}.type: takes http, keyword or certificate")
    _known(entry, _MONITOR_FIELDS[kind], f"monitors.{name}")
    if kind == "certificate":
        return Monitor(name, entry["title"], kind, site, days=_positive(entry["days"], f"monitors.{name}.days"))
    path = str(entry["path"])
    if not path.startswith("/") or "?" in path:
        raise ValueError(f"monitors.{name}.path: takes a path without a query, as in /health")
    status = _positive(entry["status"], f"monitors.{name}.status")
    contains = _keyword(entry["contains"], f"monitors.{name}.contains") if kind == "keyword" else None
    return Monitor(name, entry["title"], kind, site + path, status=status, contains=contains)


def _known(entry: dict[str, Any], fields: set[str], where: str) -> None:
    unknown = sorted(set(entry) - fields)
    if unknown:
        raise ValueError(f"{where}: has no field {', '.join(unknown)}; takes {', '.join(sorted(fields))}")


def _seconds(text: object, field: str) -> int:
    match = re.fullmatch(r"(\d+)([smh])", str(text))
    if not match:
        raise ValueError(f"{field}: takes a number and s, m or h, as in 5m")
    return int(match[1]) * _UNITS[match[2]]


def _keyword(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_KEYWORD or not value.isprintable():
        raise ValueError(f"{field}: takes the text that the answer must have, up to {_LONGEST_KEYWORD} characters")
    return value


def _positive(value: object, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{field}: takes a whole number of 1 or more")
    return value
