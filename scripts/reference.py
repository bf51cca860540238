"""Render the reference pages and `examples/application.env` from the tables that the code itself reads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pazpaz_otel.parameters import PARAMETERS
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.kinds import describe, text_of
from pazpaz_otel.policy.vocabulary import conventions, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.policy import AttributeRule, MetricRule

_MADE = "made by `make generate`; change the source instead"
_SETTINGS = """\
Every standard `OTEL_*` variable keeps its meaning; those listed here have another default, or are read
by this distribution, too."""
_METRICS = "What isn't listed here or in a project's own policy isn't exported."
_ATTRIBUTES = """\
What becomes of an attribute of a span, an event, a link, a log record, a data point, a scope or a
resource. A key that is neither here nor in a project's own policy doesn't leave, nor does its value; the
item carries how many attributes were dropped. `pazpaz-otel policy explain KEY` says what becomes of one
key under your own policy."""
_VOCABULARY = """\
What becomes of every attribute that OpenTelemetry's semantic conventions have, incubating and deprecated
ones included. The default policy has those that are kept; [the policy](../policy.md) explains the kinds.
A test fails where a release of the conventions brings an attribute that isn't here."""
_BAR = r"\|"
_PLACES = {
    "signal": "on spans, events, links, log records and data points",
    "metric": "on data points",
    "resource": "on resources",
    "optional": "in no policy until a project takes the line over into its own",
}
_REFUSED = """\
## Refused

They don't leave. A project that needs one gives it a kind in its own policy.
"""


def pages() -> dict[str, str]:
    """Return the pages: name → text."""
    policy = load_policy()
    return {
        "settings": _page("Settings", "parameters.py", _SETTINGS, _settings()),
        "metrics": _page(
            "Metrics of the default policy", "policy/default.yaml", _METRICS, _metrics(policy.metrics.values())
        ),
        "attributes": _page(
            "Attributes of the default policy",
            "policy/default.yaml",
            _ATTRIBUTES,
            _attributes(policy.attributes.values()),
        ),
        "vocabulary": _page("The semantic conventions, classified", "policy/vocabulary/", _VOCABULARY, _vocabulary()),
    }


def env_example() -> str:
    """Return `examples/application.env`: every variable that an application's process reads; secrets empty."""
    lines = [
        f"# What the distribution reads in your application's process, {_MADE}: src/pazpaz_otel/parameters.py.",
        "",
    ]
    for parameter in PARAMETERS:
        lines += [f"# {parameter.description} ({parameter.origin})", f"#{parameter.name}={parameter.default}", ""]
    return "\n".join(lines)


def _page(title: str, source: str, about: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", f"<!-- {_MADE}: src/pazpaz_otel/{source} -->", "", about, "", *lines, ""])


def _table(heads: str, rows: Iterable[str]) -> Iterator[str]:
    yield f"| {heads} |"
    yield "|---" * (heads.count("|") + 1) + "|"
    yield from rows


def _settings() -> Iterator[str]:
    rows = (
        f"| `{p.name}` | {f'`{p.default}`' if p.default else ''} | {p.description} | {p.origin} |" for p in PARAMETERS
    )
    return _table("variable | default | what it does | defined by", rows)


def _metrics(rules: Iterable[MetricRule]) -> Iterator[str]:
    rows = (
        f"| `{rule.name}` | {rule.type} | `{rule.unit}` | {rule.description} |"
        f" {', '.join(f'`{key}`' for key in rule.attributes)} | {rule.limit} |"
        for rule in rules
    )
    return _table("instrument | type | unit | what it counts | attributes | series at most", rows)


def _attributes(rules: Iterable[AttributeRule]) -> Iterator[str]:
    rows = (
        f"| `{rule.key}` | `{rule.kind.name if rule.kind.name == 'enum' else text_of(rule.kind)}` |"
        f" {describe(rule.kind).replace('|', _BAR)} | `{rule.prometheus_label}` |"
        for rule in rules
    )
    return _table("attribute | kind | its value | Prometheus label", rows)


def _vocabulary() -> Iterator[str]:
    data = conventions().data
    for place, about in _PLACES.items():
        yield from (f"## {place.capitalize()}: {about}", "")
        yield from _table(
            "attribute | kind", (f"| `{key}` | {_kind(rule)} |" for key, rule in sorted(data[place].items()))
        )
        yield ""
    yield _REFUSED
    by_reason = groupby(sorted((reason, key) for key, reason in refused().items()), key=lambda pair: pair[0])
    yield from _table(
        "reason | attributes",
        (f"| {reason} | {', '.join(f'`{key}`' for _, key in keys)} |" for reason, keys in by_reason),
    )


def _kind(rule: Any) -> str:
    if isinstance(rule, str):
        return f"`{rule}`"
    if "enum" in rule:
        return "one of " + ", ".join(f"`{member}`" for member in rule["enum"])
    return f"a number from {rule['number'][0]} to {rule['number'][1]}"
