"""The second wall for traces.

OTTL can't reach the contents of span links. Spans of untrusted senders that have links are dropped and counted; the
guards of trusted senders have already rebuilt theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector.ottl import (
    UNTRUSTED,
    attribute,
    bounded,
    free_text,
    is_text,
    matches,
    rebuilt,
    replaced,
    text,
)
from pazpaz_otel.compile.collector.wall import layer, resource_and_scope, unforgiving

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

_NAME_SOURCES = ("http.method", "http.request.method", "db.operation", "db.operation.name")

_RARE = "asgi|aws|celery|code|event|exception|faas|feature_flag|gen_ai|graphql|job|log|messaging|pazpaz_otel|redis|rpc"
"""Namespaces of keys that the spans of requests and queries lack: a span without any is judged by half of the
statements. Both ways rebuild its attributes, so that nothing but time depends on the choice."""


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    parts = ({"statements": part} for part in (_span(policy), _event(policy)))
    groups = [*resource_and_scope(policy), *_attributes(policy), *parts]
    filters = {
        "guarded_span_links": unforgiving("trace_conditions", ["Len(span.links) > 128"]),
        "strict_span_links": unforgiving("trace_conditions", ["Len(span.links) > 0"]),
    }
    return layer("traces", groups, changed_in="span.attributes", filters=filters)


def _attributes(policy: Policy) -> list[dict[str, Any]]:
    rare, short = attribute("span.cache", "rare"), f"span.trace_state == {text('short')}"
    everyday = {
        key: ""
        for key, rule in policy.attributes.items()
        if rule.fits("signal") and not re.match(rf"(?:{_RARE})\.", key)
    }
    return [
        {
            "statements": [
                # No trace state passes, so it has room for a mark.
                f"set(span.trace_state, {text('')})",
                f"set({rare}, span.attributes)",
                f"keep_matching_keys({rare}, {text(rf'^(?:{_RARE})[.]')})",
                f"set(span.trace_state, {text('short')}) where Len({rare}) == 0",
            ]
        },
        {"conditions": [short], "statements": rebuilt("span", policy, only=everyday)},
        {"conditions": [f"not {short}"], "statements": rebuilt("span", policy)},
    ]


def _span(policy: Policy) -> list[str]:
    # The attributes are rebuilt before a name is taken from them, so what is left of them is proven.
    named_by = [attribute("span.attributes", key) for key in _NAME_SOURCES if key in policy.attributes]
    return [
        *free_text("span.name", longest=1024),
        *(f"set(span.name, {path}) where {is_text(path)} and {UNTRUSTED}" for path in named_by),
        *free_text("span.status.message", strict=""),
        f"set(span.trace_state, {text('')})",
        bounded("span.kind", 5),
        bounded("span.status.code", 2),
        bounded("span.flags", 1023),
        bounded("span.dropped_attributes_count", 100_000),
        bounded("span.dropped_events_count", 100_000),
        bounded("span.dropped_links_count", 100_000),
    ]


def _event(policy: Policy) -> list[str]:
    name = "spanevent.name"
    return [
        *rebuilt("spanevent", policy, count="span.attributes"),
        f"{replaced(name, matches(name, '^exception$'))} and {UNTRUSTED}",
        *free_text(name, longest=1024)[1:],
        bounded("spanevent.dropped_attributes_count", 100_000),
    ]
