"""What the three signals' walls share: resource, scope, and the route through the pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.compile.collector.ottl import (
    DROPPED,
    TRUSTED,
    UNTRUSTED,
    attribute,
    bounded,
    matches,
    rebuilt,
    replaced,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.policy import Policy

DIGEST: Final = "pazpaz_otel.policy.digest"
STATE: Final = "pazpaz_otel.policy.state"
"""The resource attribute in which the wall records how the sender's policy relates to its own."""

_SCHEMA_URL = r"^(?:https://opentelemetry\.io/schemas/[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})?$"
_SCOPE_NAME = {
    TRUSTED: r"^(?:(?:@[a-z-]{1,40}/)?[A-Za-z_][A-Za-z0-9_./-]{0,199})?$",
    # Names of the contrib instrumentations' scopes; any other name is free text.
    UNTRUSTED: r"^(?:opentelemetry\.instrumentation\.(?:asgi|fastapi|starlette|django|flask|wsgi|sqlalchemy|asyncpg|"
    r"psycopg|psycopg2|dbapi|sqlite3|redis|httpx|requests|urllib|urllib3|aiohttp_client|aiohttp_server|logging|"
    r"threading|asyncio|celery|grpc|system_metrics))?$",
}
_SCOPE_VERSION = {
    TRUSTED: r"^(?:v?[0-9]{1,5}(?:\.[0-9]{1,5}){0,4}(?:[.+_-]?[A-Za-z][0-9A-Za-z.+_-]{0,32})?)?$",
    UNTRUSTED: "^$",
}


def resource_and_scope(policy: Policy, sender: str) -> list[dict[str, Any]]:
    """Return statement groups for the resource and scope, which enclose every item of every signal."""
    resource = rebuilt("resource", policy, sender)
    digest = attribute("resource.attributes", DIGEST)
    state = attribute("resource.attributes", STATE)
    if sender == UNTRUSTED:
        # An untrusted sender's claims about itself are free text.
        resource += [
            f"delete_key(resource.attributes, {text(DIGEST)})",
            f"set({state}, {text('unguarded')})",
            f"set({attribute('resource.attributes', 'service.name')}, {text('unguarded')})",
        ]
    else:
        previous = " or ".join(f"{digest} == {text(old)}" for old in policy.previous_digests)
        resource += [
            f"set({state}, {text('other')})",
            *([f"set({state}, {text('previous')}) where {previous}"] if previous else []),
            f"set({state}, {text('current')}) where {digest} == {text(policy.digest)}",
        ]
    return [
        {
            "statements": [
                *resource,
                replaced("resource.schema_url", matches("resource.schema_url", _SCHEMA_URL), ""),
                bounded("resource.dropped_attributes_count", 100_000),
            ]
        },
        {
            "statements": [
                "set(scope.attributes, scope.cache)",
                replaced("scope.name", matches("scope.name", _SCOPE_NAME[sender]), ""),
                replaced("scope.version", matches("scope.version", _SCOPE_VERSION[sender]), ""),
                replaced("scope.schema_url", matches("scope.schema_url", _SCHEMA_URL), ""),
                bounded("scope.dropped_attributes_count", 100_000),
            ]
        },
    ]


def unforgiving(key: str, entries: list[Any]) -> dict[str, Any]:
    """Return the settings of a processor that rejects what it fails on; by default it would pass on.

    Args:
        key: what the entries are, such as `trace_conditions`.
        entries: conditions or groups of statements.
    """
    return {"error_mode": "propagate", key: entries}


def layer(signal: str, processors: dict[str, Any], *, changed_in: str, before: Sequence[str] = ()) -> dict[str, Any]:
    """Return a configuration layer: the processors, and the pipelines from the two receivers to `forward/<signal>`.

    Trusted senders' items that the wall changed also go through a filter of their own, to be counted.

    Args:
        signal: `traces`, `metrics` or `logs`.
        processors: the wall's processors by name.
        changed_in: the map that says how many attributes the wall removed from an item.
        before: names of filters before the wall's transform; `{}` stands for the sender.
    """
    changed = f"{attribute(changed_in, DROPPED)} != nil or {attribute('resource.attributes', DROPPED)} != nil"
    processors[f"filter/{signal}_changed"] = unforgiving(f"{signal.removesuffix('s')}_conditions", [changed])
    pipelines: dict[str, Any] = {}
    for sender in (TRUSTED, UNTRUSTED):
        names = (*before, f"transform/{{}}_{signal}")
        to = [f"forward/{signal}"] + ([f"forward/{signal}_changed"] if sender == TRUSTED else [])
        pipelines[f"{signal}/{sender}"] = {
            "receivers": [f"otlp/{sender}"],
            "processors": ["memory_limiter", "groupbyattrs", *(name.format(sender) for name in names)],
            "exporters": to,
        }
    pipelines[f"{signal}/changed"] = {
        "receivers": [f"forward/{signal}_changed"],
        "processors": [f"filter/{signal}_changed"],
        "exporters": ["nop"],
    }
    return {
        "processors": processors,
        "connectors": {f"forward/{signal}": None, f"forward/{signal}_changed": None},
        "service": {"pipelines": pipelines},
    }
