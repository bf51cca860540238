"""A client's program, and nothing else of its `User-Agent`."""

from __future__ import annotations

import pytest

from pazpaz_otel.redact.user_agents import browser

CHROMIUM = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("sent", "family"),
    [
        (CHROMIUM, "Chrome 126"),
        (f"{CHROMIUM} Edg/125.0.2535.67", "Edge 125"),
        (f"{CHROMIUM} OPR/111.0", "Opera 111"),
        ("Mozilla/5.0 (X11; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox 127"),
        (
            "Mozilla/5.0 (iPhone) AppleWebKit/605 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17",
        ),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome 126"),
        ("curl/8.8.0", "curl 8"),
        ("python-httpx/0.28.1", "python-httpx 0"),
        ("Dana/1.0", None),
        ("Chrome/305123456", None),
        ("Chrome/12\u0665", "Chrome 12"),
        ("", None),
        (b"curl/8", None),
        ("x" * 600 + "curl/8", None),
    ],
)
def test_a_family_and_its_major_version(sent: object, family: str | None):
    """Only programs of a closed list are named, with a version of at most three digits."""
    assert browser(sent) == family
