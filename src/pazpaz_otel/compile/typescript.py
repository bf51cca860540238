"""Compile a policy into the TypeScript module that the browser's guard reads.

Pure: the same policy always gives the same text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.kinds import KIND_TYPES, SIGNIFICANT_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.policy import AttributeRule, Kind, Policy
    from pazpaz_otel.policy.kind_type import KindType

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LINE_WIDTH: Final = 120
_FAMILIES: Final = frozenset({"error", "event", "feature_flag", "http", "net", "network", "server", "url", "user"})
# Only servers, their task queues and their own telemetry write these, on any kind of item.
_SERVER_PREFIXES: Final = (
    "asgi.",
    "celery.",
    "db.redis.",
    "messaging.",
    "otel.",
    "otelTrace",
    "pazpaz_otel.",
    "redis.",
    "telemetry.",
)
# From the shipped policy: labels of server metrics, jobs, and names that no browser writes.
_SERVER_KEYS: Final = ("handler", "http.host", "http.server_name", "http.target", "job.", "level", "net.", "status")
# Kinds that the browser's guard uses by name, besides those of the keys.
_KINDS_USED_BY_NAME: Final = frozenset({"config", "method", "status_code", "uuid", "version"})


def render(policy: Policy, *, types: str = "./policy.js") -> str:
    """Return the TypeScript module that holds `policy`.

    Args:
        policy: the policy, extensions applied.
        types: the module from which the generated text imports the type `Policy`; a project that compiles its own
            policy passes the package's name, `@pazpaz/otel-browser`.
    """
    shipped = load_policy()
    attributes = {
        key: rule.kind
        for key, rule in sorted(policy.attributes.items())
        if in_browser(rule) and not (rule == shipped.attributes.get(key) and _is_server_only(key))
    }
    tags = {key: kind for key, kind in sorted(policy.sentry.tags.items()) if _provable(kind)}
    contexts = {
        name: {key: kind for key, kind in sorted(fields.items()) if _provable(kind)}
        for name, fields in sorted(policy.sentry.contexts.items())
        if fields != shipped.sentry.contexts.get(name)
    }
    kinds = _used((attributes, tags, *contexts.values()))
    # The shipped policy's messages are texts from Python, which no browser sends.
    pythons = frozenset(shipped.messages)
    value = {
        "version": policy.version,
        "digest": policy.digest,
        "patterns": {name: _pattern(one) for name, one in kinds.items() if _has_pattern(one)},
        "ranges": {name: list(one.bounds) for name, one in kinds.items() if one.bounds is not None},
        "whole": [name for name, one in kinds.items() if one.whole],
        "lower": [name for name, one in kinds.items() if one.lower],
        "proven": [name for name, one in kinds.items() if _needs_page(one)],
        "significantDigits": SIGNIFICANT_DIGITS,
        "attributes": _kinds(attributes),
        "hosts": sorted(policy.hosts),
        "messages": [message for message in policy.messages if message not in pythons],
        "tags": _kinds(tags),
        "contexts": {name: _kinds(fields) for name, fields in contexts.items()},
        "ignoreErrors": sorted(policy.sentry.ignore_errors),
    }
    return (
        "// Generated from the policy by `make generate`; an edit here is lost.\n"
        f"import type {{ Policy }} from {json.dumps(types)};\n\n"
        "/** The policy that this module was generated from. */\n"
        f"export const policy: Policy = {_literal(value)};\n"
    )


def _is_server_only(key: str) -> bool:
    return any(key == one or (one.endswith(".") and key.startswith(one)) for one in _SERVER_KEYS)


def in_browser(rule: AttributeRule) -> bool:
    """Return whether the browser's guard knows the attribute; of the conventions', only those that browsers write."""
    written = rule.place == "anywhere" or (rule.place == "signal" and rule.key.partition(".")[0] in _FAMILIES)
    return written and not rule.key.startswith(_SERVER_PREFIXES) and _provable(rule.kind)


def _used(tables: Iterable[dict[str, Kind]]) -> dict[str, KindType]:
    """Return the kinds that the tables' keys have or the guard uses by name."""
    names = _KINDS_USED_BY_NAME.union(kind.name for table in tables for kind in table.values())
    return {name: one for name, one in sorted(KIND_TYPES.items()) if name in names}


def _has_pattern(kind_type: KindType) -> bool:
    # The browser proves routes, hosts and addresses from the page, never from their shape.
    return kind_type.shape is not None and (kind_type.name in _KINDS_USED_BY_NAME or not _needs_page(kind_type))


def _needs_page(kind_type: KindType) -> bool:
    return kind_type.needs_process and not _listed(kind_type)


def _provable(kind: Kind) -> bool:
    # Other kinds need the source or modules of a Python process, so the browser refuses their keys.
    return kind.proof == "grammar" or KIND_TYPES[kind.name].browser


def _listed(kind_type: KindType) -> bool:
    """Return whether a closed list of values is accepted from any sender."""
    return kind_type.untrusted is not None and "{hosts}" not in kind_type.untrusted


def _pattern(kind_type: KindType) -> str | None:
    if kind_type.needs_process and _listed(kind_type):
        return kind_type.untrusted
    if kind_type.shape is None or kind_type.refused is None:
        return kind_type.shape
    return f"^(?!{kind_type.refused.removeprefix('^')}){kind_type.shape.removeprefix('^')}"


def _kind(kind: Kind) -> Any:
    if kind.name == "enum":
        return {"enum": list(kind.values)}
    if kind.name == "number":
        return {"number": [kind.minimum, kind.maximum]}
    return kind.name


def _kinds(table: dict[str, Kind]) -> dict[str, Any]:
    return {key: _kind(kind) for key, kind in table.items()}


def _literal(value: Any, indent: int = 0) -> str:
    """Return `value` as a TypeScript literal, with one member a line if it doesn't fit into one line."""
    flat = _flat(value)
    if not isinstance(value, (dict, list)) or not value or len(flat) + 2 * indent + 24 <= _LINE_WIDTH:
        return flat
    pad = "  " * (indent + 1)
    if isinstance(value, dict):
        lines = [f"{pad}{_key(key)}: {_literal(member, indent + 1)},\n" for key, member in value.items()]
        return "{\n" + "".join(lines) + "  " * indent + "}"
    if all(isinstance(member, str) for member in value):
        return "[\n" + _filled([_flat(member) for member in value], pad) + "  " * indent + "]"
    return "[\n" + "".join(f"{pad}{_literal(member, indent + 1)},\n" for member in value) + "  " * indent + "]"


def _filled(members: list[str], pad: str) -> str:
    """Return the members in lines as full as possible."""
    lines = [pad]
    for member in members:
        if len(lines[-1]) + len(member) + 2 > _LINE_WIDTH and lines[-1] != pad:
            lines.append(pad)
        lines[-1] += f"{member}, "
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        members = ", ".join(f"{_key(key)}: {_flat(member)}" for key, member in value.items())
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(member) for member in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _key(key: str) -> str:
    return key if _IDENTIFIER.fullmatch(key) else json.dumps(key)
