"""Values that the SDK takes, and that probably aren't what was meant.

By them telemetry is cut, comes too late or goes another way; they contradict others; or a shell or a template should
have changed them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis import SIGNALS, Finding, did_you_mean, otlp_variables
from pazpaz_otel.parsing import count, names, pairs
from pazpaz_otel.settings import mask

_CAPTURING: Final = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_"
_SANITIZING: Final = f"{_CAPTURING}SANITIZE_FIELDS"
_ANY_HEADER: Final = "x-~"
_SHORT_LENGTH: Final = 128
"""Characters; routes and messages are shorter."""
_SHORT_DELAY, _LONG_INTERVAL = 100, 75_000
"""Milliseconds; the Collector of the shipped stack drops a series that it hasn't received for the longer one."""
_DELAYS: Final = ("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY")
_OTLP: Final = "OTEL_EXPORTER_OTLP"
_OURS: Final = ("OTEL_", "PAZPAZ_OTEL_", "SENTRY_")
_PLACEHOLDER: Final = re.compile(r"\$\{\w+[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|^\$[A-Za-z_]\w*$|^<[^<>]+>$")
_FREE: Final = (
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "PAZPAZ_OTEL_POLICY",
    "PAZPAZ_OTEL_LEDGER",
    "SENTRY_ENVIRONMENT",
    "SENTRY_RELEASE",
)
"""Variables that take any text; in others, quotes are found by the rules for their values."""
_CONVENTIONS: Final = (
    *(name + dup for name in ("http", "database", "messaging", "rpc") for dup in ("", "/dup")),
    "gen_ai_latest_experimental",
)
_ENVIRONMENT: Final = ("SENTRY_ENVIRONMENT", "deployment.environment.name", "deployment.environment", "ENVIRONMENT")
_ALIKE: Final = (("OTEL_SERVICE_NAME", "service.name"), ("SENTRY_RELEASE", "service.version"), _ENVIRONMENT)
"""Variables and resource attributes that say the same."""


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


def contradicting(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each setting that another one contradicts, or that has no effect."""
    given = {**dict(pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""))), **env}
    for alike in _ALIKE:
        first, *others = [(name, given[name]) for name in alike if given.get(name)] or [("", "")]
        for name, value in others:
            if value != first[1]:
                text = f"is {mask(value, env)}, but {first[0]} is {mask(first[1], env)}"
                yield Finding("note", name, text, "set both to the same, or leave one out")
    for name in ("SENTRY_TRACES_SAMPLE_RATE", "SENTRY_PROFILES_SAMPLE_RATE"):
        if env.get(name, "").strip():
            text = "has no effect: traces leave by OpenTelemetry, and Sentry receives errors only"
            yield Finding("note", name, text, "unset it; OTEL_TRACES_SAMPLER samples traces")
    for chosen in names(env.get("OTEL_SEMCONV_STABILITY_OPT_IN", "")):
        if chosen not in _CONVENTIONS:
            text = f"nothing follows {mask(chosen, env)}{did_you_mean(chosen, _CONVENTIONS, 0.5)}"
            yield Finding("note", "OTEL_SEMCONV_STABILITY_OPT_IN", text, "unset it to have http,database")
    for name, headers in zip(otlp_variables("ENDPOINT"), otlp_variables("HEADERS"), strict=True):
        if "@" in env.get(name, "").partition("://")[2].partition("/")[0]:
            text = f"{mask(env[name], env)} holds a password, which whatever shows the endpoint shows as well"
            yield Finding("note", name, text, f"set {headers}=authorization=Basic%20… instead")


def unfilled(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each value in quotes and each value with a placeholder that nothing filled in."""
    for name, value in env.items():
        # A list of URLs holds regular expressions, in which these signs mean something; a DSN has a rule of its own.
        if not name.startswith(_OURS) or name.endswith("_URLS") or name == "SENTRY_DSN":
            continue
        text = value.strip()
        if placeholder := _PLACEHOLDER.search(text):
            told = f"holds {mask(placeholder[0], env)}, which nothing filled in"
            yield Finding("fault", name, told, "write the value itself: only a shell or Compose fills in a variable")
        elif name in _FREE and len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            told = "is in quotes, which are part of the value: an `--env-file` of Docker keeps them"
            yield Finding("fault", name, told, "write it without quotes")
