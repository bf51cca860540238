"""The forms in which applications carry data: unchanged, encoded, inside JSON, or as an identifier."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.audit.canaries import Canary


def _identifier(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text).lower().split())


def _namespace(text: str) -> str:
    return "note." + _identifier(text).replace("_", ".")


VARIANTS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "mixed_case": lambda text: "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text)),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "percent": lambda text: quote(text, safe=""),
    "percent_twice": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64_url": lambda text: base64.urlsafe_b64encode(b"x" + text.encode()).decode().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "json": lambda text: json.dumps({"client": {"full_name": text}}),
    "json_raw": lambda text: json.dumps([text], ensure_ascii=False),
    "json_in_json": lambda text: json.dumps({"payload": json.dumps({"n": text})}),
    "html": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "identifier": _identifier,
    "namespace": _namespace,
}
"""Each form's name and the function from the plain text to it."""

KEY_VARIANTS = ("identifier", "namespace", "plain")
"""The forms that can be used as a key or a name."""


def tokens_of(canary: Canary) -> tuple[str, ...]:
    """Return what to look for: the canary's own tokens and its whole text."""
    return tuple(dict.fromkeys((*canary.tokens, canary.text)))
