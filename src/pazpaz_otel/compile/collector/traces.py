"""The second wall for traces.

OTTL can't reach the contents of span links. Spans of untrusted senders that have links are dropped and counted; the
guards of trusted senders have already rebuilt theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector.ottl import (
    TRUSTED,
    UNTRUSTED,
    attribute,
    bounded,
    free_text,
    matches,
    rebuilt,
    replaced,
    text,
)
from pazpaz_otel.compile.collector.wall import layer, resource_and_scope, unforgiving

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

_NAME_SOURCES = ("http.method", "http.request.method", "db.operation", "db.operation.name")


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    processors = {
        **{f"transform/{sender}_traces": _transform(policy, sender) for sender in (TRUSTED, UNTRUSTED)},
        "filter/strict_span_links": unforgiving("trace_conditions", ["Len(span.links) > 0"]),
        "filter/guarded_span_links": unforgiving("trace_conditions", ["Len(span.links) > 128"]),
    }
    return layer("traces", processors, changed_in="span.attributes", before=["filter/{}_span_links"])


def _transform(policy: Policy, sender: str) -> dict[str, Any]:
    parts = (_span(policy, sender), _event(policy, sender))
    groups = [*resource_and_scope(policy, sender), *({"statements": part} for part in parts)]
    return unforgiving("trace_statements", groups)


def _span(policy: Policy, sender: str) -> list[str]:
    return [
        *rebuilt("span", policy, sender),
        *_name(policy, sender),
        free_text("span.status.message", sender, strict=""),
        f"set(span.trace_state, {text('')}) where span.trace_state != {text('')}",
        bounded("span.kind", 5),
        bounded("span.status.code", 2),
        bounded("span.flags", 1023),
        bounded("span.dropped_attributes_count", 100_000),
        bounded("span.dropped_events_count", 100_000),
        bounded("span.dropped_links_count", 100_000),
    ]


def _name(policy: Policy, sender: str) -> list[str]:
    if sender == TRUSTED:
        return [free_text("span.name", sender, longest=1024)]
    # The attributes were rebuilt before, so the remaining ones are proven.
    proven = [attribute("span.attributes", key) for key in _NAME_SOURCES if key in policy.attributes]
    return [
        free_text("span.name", sender),
        *(f"set(span.name, {path}) where IsString({path})" for path in proven),
    ]


def _event(policy: Policy, sender: str) -> list[str]:
    name = (
        free_text("spanevent.name", sender, longest=1024)
        if sender == TRUSTED
        else replaced("spanevent.name", matches("spanevent.name", "^exception$"))
    )
    return [
        *rebuilt("spanevent", policy, sender, count="span.attributes"),
        name,
        bounded("spanevent.dropped_attributes_count", 100_000),
    ]
