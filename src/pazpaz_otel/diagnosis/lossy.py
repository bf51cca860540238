"""Values that the SDK takes, and by which telemetry is cut, comes too late, or goes another way than was meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis import SIGNALS, Finding
from pazpaz_otel.parsing import count, names, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CAPTURING: Final = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_"
_SANITIZING: Final = f"{_CAPTURING}SANITIZE_FIELDS"
_ANY_HEADER: Final = "x-~"
_SHORT_LENGTH: Final = 128
"""Characters; routes and messages are shorter."""
_SHORT_DELAY, _LONG_INTERVAL = 100, 75_000
"""Milliseconds; the Collector of the shipped stack drops a series that it hasn't received for the longer one."""
_DELAYS: Final = ("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY")
_OTLP: Final = "OTEL_EXPORTER_OTLP"


def captured_headers(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the patterns of captured headers, and what becomes of the headers."""
    for name in (name for name in env if name.startswith(_CAPTURING)):
        patterns = names(env[name])
        try:
            # As the instrumentations do.
            every = re.compile("|".join(patterns)).fullmatch(_ANY_HEADER)
        except re.error as error:
            yield Finding("fault", name, f"holds no regular expression ({error.msg})", "escape it with \\")
            continue
        if patterns and name != _SANITIZING:
            which = "captures every header" if every else "captures headers"
            text = f"{which}: those that the policy doesn't name are dropped, and each request costs more"
            hint = "name each here and in the policy, such as http.request.header.x_request_id, or unset it"
            yield Finding("note", name, text, hint)


def cut(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each limit by which proven values are lost."""
    for kind in ("", "SPAN_", "LOGRECORD_"):
        length, most = f"OTEL_{kind}ATTRIBUTE_VALUE_LENGTH_LIMIT", f"OTEL_{kind}ATTRIBUTE_COUNT_LIMIT"
        if 0 <= _number(env, length) < _SHORT_LENGTH:
            text = f"is {_number(env, length)}: a longer value is cut, and a route or text that is cut isn't proven"
            yield Finding("note", length, text, "unset it")
        if _number(env, most) == 0:
            yield Finding("note", most, "is 0: no attribute leaves", "unset it")


def mistimed(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each interval that was probably meant in another unit."""
    for name in _DELAYS:
        if 0 < _number(env, name) < _SHORT_DELAY:
            text = f"is {_number(env, name)} milliseconds: exports all the time"
            yield Finding("note", name, text, "write milliseconds, such as 5000")
    if _number(env, _DELAYS[0]) > _LONG_INTERVAL:
        text = f"is {_number(env, _DELAYS[0]) // 1000} seconds: between two exports, the shipped Collector drops series"
        yield Finding("note", _DELAYS[0], text, f"write milliseconds, at most {_LONG_INTERVAL}")


def elsewhere(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note where a signal lacks the others' credentials, an attribute is set twice, or there is a proxy."""
    own = [f"{_OTLP}_{signal}_HEADERS" for signal in SIGNALS]
    apart = [f"{_OTLP}_{signal}_ENDPOINT" for signal in SIGNALS]
    given = [name for name in own if env.get(name)]
    if 0 < len(given) < len(own) and not any(env.get(name) for name in (f"{_OTLP}_HEADERS", *apart)):
        text = "goes to the endpoint that all signals have, and the others go there without headers"
        yield Finding("note", given[0], text, f"set {_OTLP}_HEADERS instead")
    keys = [key for key, _ in pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""))]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Finding(
            "note", "OTEL_RESOURCE_ATTRIBUTES", f"{key} is set more than once: the last one counts", "remove the others"
        )
    yield from _proxied(env)


def _proxied(env: Mapping[str, str]) -> Iterator[Finding]:
    named = {name.lower(): name for name, value in env.items() if value and name.lower().endswith("_proxy")}
    endpoint = urlsplit(env.get(f"{_OTLP}_ENDPOINT", ""))
    proxy = named.get(f"{endpoint.scheme}_proxy") or named.get("all_proxy")
    if proxy is None or not endpoint.hostname:
        return
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined] # noqa: PLC0415 - half a megabyte

    proxies = {lower.removesuffix("_proxy"): env[name] for lower, name in named.items()}
    if not proxy_bypass_environment(endpoint.hostname, proxies):
        text = f"telemetry goes to {endpoint.hostname} through this proxy"
        yield Finding("note", proxy, text, f"add {endpoint.hostname} to NO_PROXY if that isn't meant")


def _number(env: Mapping[str, str], name: str) -> int:
    return count(env.get(name, "").strip(), -1)
