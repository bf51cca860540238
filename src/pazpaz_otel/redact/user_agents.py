"""Reduce a `User-Agent` header to family and major version, because the rest is nearly a fingerprint."""

from __future__ import annotations

import re
from typing import Final

# Ordered: browsers mention those they imitate after their own name.
_FAMILIES: Final = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
    ("curl", r"curl/(\d+)"),
    ("Wget", r"Wget/(\d+)"),
    ("Go-http-client", r"Go-http-client/(\d+)"),
    ("PostmanRuntime", r"PostmanRuntime/(\d+)"),
    ("axios", r"axios/(\d+)"),
    ("node-fetch", r"node-fetch/(\d+)"),
    ("okhttp", r"okhttp/(\d+)"),
    ("python-httpx", r"python-httpx/(\d+)"),
    ("python-requests", r"python-requests/(\d+)"),
    ("aiohttp", r"aiohttp/(\d+)"),
    ("kube-probe", r"kube-probe/(\d+)"),
    ("UptimeRobot", r"UptimeRobot/(\d+)"),
    ("Prometheus", r"Prometheus/(\d+)"),
)
_PATTERNS: Final = tuple((family, re.compile(rf"\b{pattern}", re.ASCII)) for family, pattern in _FAMILIES)
_MAX_LENGTH: Final = 512
_MAX_VERSION: Final = 999


def browser(user_agent: object) -> str | None:
    """Return the family and major version of a `User-Agent` header, such as ``Chrome 126``.

    Returns:
        None if the family isn't in a closed list, or the version has more than three digits.
    """
    if not isinstance(user_agent, str) or len(user_agent) > _MAX_LENGTH:
        return None
    for family, pattern in _PATTERNS:
        found = pattern.search(user_agent)
        if found is not None:
            return f"{family} {int(found[1])}" if int(found[1]) <= _MAX_VERSION else None
    return None
