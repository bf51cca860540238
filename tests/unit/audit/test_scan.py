"""The search for planted strings."""

from __future__ import annotations

import base64
import gzip
import json
import zlib

import pytest

from pazpaz_otel.audit.canaries import CATEGORIES, VARIANTS, CanaryMaker, tokens_of
from pazpaz_otel.audit.scan import Find, Scanner

CARRIERS = {
    "as it is": lambda text: f"before {text} after".encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "deflate": lambda text: zlib.compress(text.encode()),
    "utf-16": lambda text: ("before " + text).encode("utf-16-le"),
    "json": lambda text: json.dumps({"a": [text]}).encode(),
    "base64 of gzip": lambda text: base64.b64encode(gzip.compress(text.encode())),
    "latin-1 read of utf-8": lambda text: text.encode().decode("latin-1").encode(),
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_form_is_found(variant: str, carrier: str) -> None:
    """A planted string is found in each of its forms, whatever it is carried in."""
    maker = CanaryMaker(11)
    for category in CATEGORIES:
        canary = maker.make(category)
        scanner = Scanner({"p": tokens_of(canary)})
        data = CARRIERS[carrier](VARIANTS[variant](canary.text))
        assert list(scanner.data(data, "here")), (category, data)


@pytest.mark.parametrize(
    "text",
    [
        "\\u05d3\\u05e0\\u05d4\\u05dc",  # JSON's escapes
        "\\xd7\\x93\\xd7\\xa0\\xd7\\x94\\xd7\\x9c",  # the repr of bytes
        "\\327\\223\\327\\240\\327\\224\\327\\234",  # protobuf's text form
        "=D7=93=D7=A0=D7=94=D7=9C",  # quoted-printable
        "&#1491;&#1504;&#1492;&#1500;",  # HTML
        "xn--8dbc5ac",  # an internationalised host
        "%25D7%2593%25D7%25A0%25D7%2594%25D7%259C",  # percent, twice
    ],
)
def test_escapes_are_read(text: str) -> None:
    """A name is found behind each way of escaping it."""
    if text.startswith("xn--"):
        text = "xn--" + "דנהל".encode("punycode").decode()
    assert list(Scanner({"p": ["דנהל"]}).text(f"a/{text}/b", "here")) == [Find("p", "here", "דנהל")]


@pytest.mark.parametrize("text", ["888-742-814", "888 742 814", "8-88742814", "id:888742814.", "888742814"])
def test_numbers_are_found_with_separators(text: str) -> None:
    """An identity number is found however its digits are grouped."""
    assert [find.plant for find in Scanner({"p": ["888742814"]}).text(text, "here")] == ["p"]


def test_numbers_inside_longer_ones_are_chance() -> None:
    """A timestamp in nanoseconds that happens to hold nine digits isn't a leak."""
    scanner = Scanner({"p": ["888742814"]})
    assert not list(scanner.text("1788874281400000000 and 4888742814", "here"))


@pytest.mark.parametrize("shortest", ["dvor", "dvora", "dvoramizr", "dvoramizrahiben"])
def test_a_form_is_found_wherever_it_starts(shortest: str) -> None:
    """However long the shortest planted string is, none of them is passed over, and each is found once."""
    planted = {"short": shortest, "long": "the-quick-brown-fox-jumps"}
    scanner = Scanner({plant: [form] for plant, form in planted.items()})
    for start in range(20):
        for end in range(5):
            text = " " * start + "/".join(planted.values()) + " " * end
            assert [find.plant for find in scanner.text(text, "here")] == ["long", "short"]


def test_telemetry_without_patients_is_clean() -> None:
    """What telemetry always holds matches none of two thousand canaries."""
    maker = CanaryMaker(2)
    scanner = Scanner({str(number): tokens_of(maker.next()) for number in range(2000)})
    texts = (
        "GET /clients/{client_id}/notes",
        "http.server.request.duration",
        "SELECT clients.id, clients.full_name FROM clients WHERE clients.id = ?",
        "0123456789abcdef0123456789abcdef",
        "8f2e61f0-7a0b-4b63-9d1c-6a1f2b3c4d5e",
        "2026-11-24T10:20:30.123456Z",
        'File "starlette/routing.py", line 73, in app',
    )
    assert not [find for text in texts for find in scanner.text(text, "here")]


def test_chance_is_not_a_find() -> None:
    """A duration or an identifier that happens to hold a date's digits isn't the date; the date in a word is."""
    scanner = Scanner({"p": ["1981-11-27"]})
    assert not list(scanner.text('"duration_ms": 19.811127', "log"))
    assert not list(scanner.text("ab19811127cdef0123", "trace id"))
    assert list(scanner.text("file19811127", "log"))
    assert list(scanner.text("1981 11 27", "log"))
