"""A client's program by family and major version: the rest of a `User-Agent` header is nearly a fingerprint."""

from __future__ import annotations

import re
from typing import Final

# In this order: a browser names those that it wants to be taken for behind its own name.
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
_LONGEST: Final = 512
_NEWEST: Final = 999


def browser(user_agent: object) -> str | None:
    """Return the family and major version of a `User-Agent` header, such as ``Chrome 126``.

    Returns:
        None where the family isn't one of a closed list, or the version has more than three digits.
    """
    if not isinstance(user_agent, str) or len(user_agent) > _LONGEST:
        return None
    for family, pattern in _PATTERNS:
        found = pattern.search(user_agent)
        if found is not None:
            return f"{family} {int(found[1])}" if int(found[1]) <= _NEWEST else None
    return None
