"""Report the operator's resource attributes that don't leave, and the policy entries that would let them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.redact.guards import Guard

_MAX_KEY_LENGTH: Final = 128


def unsent(attributes: Iterable[tuple[str, str]], guard: Guard) -> str | None:
    """Return one line about the configured resource attributes that don't leave, or None if all do.

    The line contains the keys, which the operator chose, but not the values, which may be anything.

    Args:
        attributes: the attributes in `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.
        guard: the guard that judges them.
    """
    unnamed, refused = [], []
    for key, value in attributes:
        rule = guard.policy.attributes.get(key)
        if rule is None or not rule.fits("resource"):
            unnamed.append(key)
        elif guard.attributes.value(key, value) is None:
            refused.append(f"{key} (a value of kind `{rule.kind.name}`)")
    parts = []
    if unnamed:
        lines = ", ".join(f"{key}: config" for key in unnamed if len(key) <= _MAX_KEY_LENGTH)
        parts.append(f"the policy doesn't name {', '.join(key[:_MAX_KEY_LENGTH] for key in unnamed)}")
        parts.append(f"to let that out: attributes: {{{lines}}}")
    if refused:
        parts.append(f"not what the policy admits: {', '.join(refused)}")
    return f"resource attributes that stay here: {'; '.join(parts)}" if parts else None
