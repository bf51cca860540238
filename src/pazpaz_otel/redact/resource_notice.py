"""Which of the operator's resource attributes stay here, and the policy lines that would let them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.redact.guards import Guard

_LONGEST_KEY: Final = 128


def unsent(attributes: Iterable[tuple[str, str]], guard: Guard) -> str | None:
    """Return one line about the configured resource attributes that don't leave, or None where all do.

    A key is the operator's own word, so the line has it; a value may hold anything, so it doesn't.

    Args:
        attributes: of `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.
        guard: judges them.
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
        lines = ", ".join(f"{key}: config" for key in unnamed if len(key) <= _LONGEST_KEY)
        parts.append(f"the policy doesn't name {', '.join(key[:_LONGEST_KEY] for key in unnamed)}")
        parts.append(f"to let that out: attributes: {{{lines}}}")
    if refused:
        parts.append(f"not what the policy admits: {', '.join(refused)}")
    return f"resource attributes that stay here: {'; '.join(parts)}" if parts else None
