"""What the three signals' walls share: resource, scope, and the route through the pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.compile.collector.ottl import (
    DROPPED,
    STATE,
    TRUSTED,
    UNGUARDED,
    UNTRUSTED,
    attribute,
    bounded,
    matches,
    rebuilt,
    replaced,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy import Policy

DIGEST: Final = "pazpaz_otel.policy.digest"

SENDERS: Final = {"guarded": "other", "strict": UNGUARDED}
"""The receivers, with the state that the wall's transform finds on the resources of each one's senders."""

_SCHEMA_URL = r"^(?:https://opentelemetry\.io/schemas/[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3})?$"
_SCOPE_NAME = r"^(?:(?:@[a-z-]{1,40}/)?[A-Za-z_][A-Za-z0-9_./-]{0,199})?$"
_SCOPE_VERSION = r"^(?:v?[0-9]{1,5}(?:\.[0-9]{1,5}){0,4}(?:[.+_-]?[A-Za-z][0-9A-Za-z.+_-]{0,32})?)?$"
# Names of the contrib instrumentations' scopes; any other name is free text.
_KNOWN_SCOPE = (
    r"^(?:opentelemetry\.instrumentation\.(?:asgi|fastapi|starlette|django|flask|wsgi|sqlalchemy|asyncpg|"
    r"psycopg|psycopg2|dbapi|sqlite3|redis|httpx|requests|urllib|urllib3|aiohttp_client|aiohttp_server|logging|"
    r"threading|asyncio|celery|grpc|system_metrics))?$"
)


def resource_and_scope(policy: Policy) -> list[dict[str, Any]]:
    """Return statement groups for the resource and scope, which enclose every item of every signal."""
    digest = attribute("resource.attributes", DIGEST)
    state = attribute("resource.attributes", STATE)
    previous = " or ".join(f"{digest} == {text(old)}" for old in policy.previous_digests)
    resource = [
        f"set({state}, {text(UNGUARDED)}) where {state} == nil",
        f"set({attribute('resource.cache', STATE)}, {state})",
        *rebuilt("resource", policy),
        # An untrusted sender's claims about itself are free text.
        f"delete_key(resource.attributes, {text(DIGEST)}) where {UNTRUSTED}",
        f"set({attribute('resource.attributes', 'service.name')}, {text(UNGUARDED)}) where {UNTRUSTED}",
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
                replaced("scope.name", matches("scope.name", _SCOPE_NAME), ""),
                f"{replaced('scope.name', matches('scope.name', _KNOWN_SCOPE), '')} and {UNTRUSTED}",
                replaced("scope.version", matches("scope.version", _SCOPE_VERSION), ""),
                f"set(scope.version, {text('')}) where {UNTRUSTED}",
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


def layer(
    signal: str, groups: list[dict[str, Any]], *, changed_in: str, filters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a configuration layer: from the two receivers through one transform to `forward/<signal>`.

    The transform is one for both kinds of senders, because the Collector reads every processor's statements several
    times when it starts: each pipeline says before it on the resource whose data it is, whatever the data says of that.
    Trusted senders' items that the wall changed also go through a filter of their own, to be counted.

    Args:
        signal: `traces`, `metrics` or `logs`.
        groups: the transform's groups of statements.
        changed_in: the map that says how many attributes the wall removed from an item.
        filters: filters before the transform, by a name that begins with the receiver's.
    """
    item = signal.removesuffix("s")
    changed = f"{attribute(changed_in, DROPPED)} != nil or {attribute('resource.attributes', DROPPED)} != nil"
    processors = {
        **{f"filter/{name}": one for name, one in (filters or {}).items()},
        **{f"transform/{sender}_{signal}": _marked(item, state) for sender, state in SENDERS.items()},
        f"transform/{signal}": unforgiving(f"{item}_statements", groups),
        f"filter/{signal}_changed": unforgiving(f"{item}_conditions", [f"{TRUSTED} and ({changed})"]),
    }
    pipelines: dict[str, Any] = {}
    for sender in SENDERS:
        own = [name for name in processors if name.startswith((f"filter/{sender}_", f"transform/{sender}_"))]
        pipelines[f"{signal}/{sender}"] = {
            "receivers": [f"otlp/{sender}"],
            "processors": ["memory_limiter", "groupbyattrs", *own],
            "exporters": [f"forward/{signal}_wall"],
        }
    pipelines[f"{signal}/wall"] = {
        "receivers": [f"forward/{signal}_wall"],
        "processors": [f"transform/{signal}"],
        "exporters": [f"forward/{signal}", f"forward/{signal}_changed"],
    }
    pipelines[f"{signal}/changed"] = {
        "receivers": [f"forward/{signal}_changed"],
        "processors": [f"filter/{signal}_changed"],
        "exporters": ["nop"],
    }
    return {
        "processors": processors,
        "connectors": {f"forward/{signal}{part}": None for part in ("_wall", "", "_changed")},
        "service": {"pipelines": pipelines},
    }


def _marked(item: str, state: str) -> dict[str, Any]:
    mark = f"set({attribute('resource.attributes', STATE)}, {text(state)})"
    return unforgiving(f"{item}_statements", [{"statements": [mark]}])
