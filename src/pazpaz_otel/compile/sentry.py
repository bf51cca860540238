"""The policy as lookup tables for the Sentry transport."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.kinds import accept, make_kind
from pazpaz_otel.policy.model import AttributeRule

if TYPE_CHECKING:
    from pazpaz_otel.policy.model import Kind, Policy

LEVELS: Final = frozenset({"debug", "info", "warning", "error", "fatal"})
"""https://develop.sentry.dev/sdk/data-model/event-payloads/ (`level`)."""

LEVEL_NAMES: Final = {"critical": "fatal", "warn": "warning", "notset": "info", "log": "info"}
"""Other spellings, from `logging` and from browsers."""

MEDIA_TYPES: Final = frozenset(
    {
        "application/json",
        "application/merge-patch+json",
        "application/octet-stream",
        "application/pdf",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "application/xml",
        "image/jpeg",
        "image/png",
        "multipart/form-data",
        "text/csv",
        "text/html",
        "text/plain",
    }
)
"""The registered media types that may be shown from a request's `content-type`; parameters never leave."""

MECHANISMS: Final = frozenset(
    {
        "asgi",
        "asyncio",
        "chained",
        "excepthook",
        "fastapi",
        "generic",
        "logging",
        "otlp",
        "sqlalchemy",
        "starlette",
        "threading",
        "unraisablehook",
    }
)
"""The mechanisms that may have caught an exception: those of the SDK's integrations and this package's own."""


@dataclass(frozen=True, slots=True)
class SentryTables:
    """The policy in the form the transport looks up."""

    tags: Policy
    """The policy with its Sentry tags as attributes."""
    contexts: Mapping[str, Policy]
    """For each context, the policy with the context's fields as attributes."""
    ignored: frozenset[str]
    """Names of exception classes that are never sent."""
    items: frozenset[str]
    """Kinds of envelope items that the policy allows."""
    hosts: frozenset[str]


_UUID: Final = make_kind("uuid")


def compile_sentry(policy: Policy) -> SentryTables:
    """Return the tables of `policy`."""
    return SentryTables(
        tags=_with(policy, policy.sentry.tags),
        contexts={name: _with(policy, kinds) for name, kinds in policy.sentry.contexts.items()},
        ignored=frozenset(policy.sentry.ignore_errors),
        items=frozenset(policy.sentry.items),
        hosts=policy.hosts,
    )


def account_id(value: object) -> str | None:
    """Return the user's identifier if it is a random UUID (version 4 or 7); others could hold a name."""
    accepted = accept(_UUID, plain(value))
    return accepted if isinstance(accepted, str) else None


def values(interface: object) -> list[Mapping[str, Any]]:
    """Return the entries of an event's interface, which may be in a list or under `values`."""
    found = interface.get("values") if isinstance(interface, Mapping) else interface
    return [value for value in found if isinstance(value, Mapping)] if isinstance(found, (list, tuple)) else []


def media_type(value: object) -> str | None:
    """Return the media type of a `content-type` header without its parameters, or None if it isn't in `MEDIA_TYPES`."""
    if not isinstance(value, str):
        return None
    bare = value.partition(";")[0].strip().lower()
    return bare if bare in MEDIA_TYPES else None


def level(value: object) -> str | None:
    """Return Sentry's name for the level, or None if there is none."""
    name = LEVEL_NAMES.get(value, value) if isinstance(value, str) else None
    return name if name in LEVELS else None


def plain(value: object) -> object:
    """Return a UUID as text, also from its `repr`, as the SDK serialises it; return other values as they are."""
    if isinstance(value, str) and value.startswith("UUID('"):
        return value.removeprefix("UUID('").removesuffix("')")
    return str(value) if type(value).__module__ == "uuid" else value


def as_text(value: object) -> str:
    """Return the value of a tag as text, the only type of Sentry's tags."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with(policy: Policy, kinds: Mapping[str, Kind]) -> Policy:
    return replace(policy, attributes={key: AttributeRule(key, kind) for key, kind in kinds.items()})
