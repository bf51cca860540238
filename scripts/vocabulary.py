"""`docs/reference/vocabulary.md`: every attribute of the semantic conventions, kept or refused."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pazpaz_otel.policy.vocabulary import conventions, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABOUT = {
    "signal": "on spans, events, links, log records and data points",
    "metric": "on data points",
    "resource": "on resources",
    "optional": "in no policy until a project takes the line over into its own",
}


def vocabulary_page() -> str:
    """Return the page."""
    data = conventions().data
    return "\n".join(
        [
            "# The semantic conventions, classified",
            "",
            "<!-- made by `make generate`; change the source instead: src/pazpaz_otel/policy/vocabulary/ -->",
            "",
            "What becomes of every attribute that OpenTelemetry's semantic conventions have, incubating and deprecated",
            "ones included. The default policy has those that are kept; [the policy](../policy.md) explains the kinds.",
            "A test fails where a release of the conventions brings an attribute that isn't here.",
            "",
            *(line for place, about in _ABOUT.items() for line in _kept(place, about, data[place])),
            "## Refused",
            "",
            "They don't leave. A project that needs one gives it a kind in its own policy.",
            "",
            "| reason | attributes |",
            "|---|---|",
            *_refused(),
            "",
        ]
    )


def _kept(place: str, about: str, rules: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {place.capitalize()}: {about}", "", "| attribute | kind |", "|---|---|")
    for key, rule in sorted(rules.items()):
        yield f"| `{key}` | {_kind(rule)} |"
    yield ""


def _kind(rule: Any) -> str:
    if isinstance(rule, str):
        return f"`{rule}`"
    if "enum" in rule:
        return "one of " + ", ".join(f"`{member}`" for member in rule["enum"])
    return f"a number from {rule['number'][0]} to {rule['number'][1]}"


def _refused() -> Iterator[str]:
    pairs = sorted((reason, key) for key, reason in refused().items())
    for reason, keys in groupby(pairs, key=lambda pair: pair[0]):
        yield f"| {reason} | {', '.join(f'`{key}`' for _, key in keys)} |"
