"""Values that something else would have changed: a shell its quotes, a template its placeholders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
