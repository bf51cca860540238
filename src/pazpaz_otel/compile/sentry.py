"""The policy as the tables that the Sentry transport looks up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pazpaz_otel.policy.kinds import accept, make_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy.model import Kind, Policy

LEVELS: Final = frozenset({"debug", "info", "warning", "error", "fatal"})
"""https://develop.sentry.dev/sdk/data-model/event-payloads/ (`level`)."""

LEVEL_NAMES: Final = {"critical": "fatal", "warn": "warning", "notset": "info", "log": "info"}
"""Other spellings, of `logging` and of browsers."""

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
"""The registered media types that a request's `content-type` may show; its parameters never leave."""

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
"""What may have caught an exception: the SDK's integrations of this stack, and this package's own."""


@dataclass(frozen=True, slots=True)
class SentryTables:
    """What the transport asks of the policy."""

    tags: Mapping[str, Kind]
    contexts: Mapping[str, Mapping[str, Kind]]
    ignored: frozenset[str]
    """Names of exception classes that are never sent."""
    items: frozenset[str]
    """Envelope item kinds that the policy lets through."""
    hosts: frozenset[str]

    def tag(self, key: str, value: object) -> str | None:
        """The tag's value as Sentry wants it, text; None where the policy doesn't know the key or the value."""
        kind = self.tags.get(key)
        if kind is None:
            return None
        accepted = accept(kind, _plain(kind, value))
        return None if accepted is None else _text(accepted)

    def context(self, name: str, values: Mapping[object, object]) -> dict[str, bool | int | float | str]:
        """What the policy lets through of the application's context `name`."""
        kinds = self.contexts.get(name, {})
        kept = {}
        for key, kind in kinds.items():
            accepted = accept(kind, _plain(kind, values.get(key)))
            if accepted is not None:
                kept[key] = accepted
        return kept


_UUID: Final = make_kind("uuid")


def compile_sentry(policy: Policy) -> SentryTables:
    """The tables of `policy`."""
    return SentryTables(
        tags=policy.sentry.tags,
        contexts=policy.sentry.contexts,
        ignored=frozenset(policy.sentry.ignore_errors),
        items=frozenset(policy.sentry.items),
        hosts=policy.hosts,
    )


def account_id(value: object) -> str | None:
    """A user's identifier, if it is a random UUID (versions 4 and 7): others can hold a name or a machine."""
    accepted = accept(_UUID, _plain(_UUID, value))
    return accepted if isinstance(accepted, str) else None


def media_type(value: object) -> str | None:
    """The media type of a `content-type` header, without parameters, if it is one of `MEDIA_TYPES`."""
    if not isinstance(value, str):
        return None
    bare = value.partition(";")[0].strip().lower()
    return bare if bare in MEDIA_TYPES else None


def level(value: object) -> str | None:
    """Sentry's name of a level, or None where it isn't one."""
    name = LEVEL_NAMES.get(value, value) if isinstance(value, str) else None
    return name if name in LEVELS else None


def _plain(kind: Kind, value: object) -> object:
    if kind.name == "uuid":
        # The SDK turns a UUID object into its `repr` before the transport sees it.
        return str(value).removeprefix("UUID('").removesuffix("')")
    if kind.name == "status_code" and isinstance(value, str) and value.isascii() and value.isdigit():
        # The SDK turns tags into text before the transport sees them.
        return int(value)
    return value


def _text(value: bool | float | str) -> str:  # a policy's value of any type
    return str(value).lower() if isinstance(value, bool) else str(value)
