"""`docs/reference/attributes.md`: for each attribute that may leave, its kind and what becomes of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.kinds import describe, text_of

if TYPE_CHECKING:
    from pazpaz_otel.policy import AttributeRule

_MADE = "made by `make generate`; change the source instead"


def attributes_page() -> str:
    """Return the attributes of the default policy, as a table."""
    rows = [_row(rule) for rule in load_policy().attributes.values()]
    return "\n".join(
        [
            "# Attributes of the default policy",
            "",
            f"<!-- {_MADE}: src/pazpaz_otel/policy/default.yaml -->",
            "",
            "What becomes of an attribute of a span, an event, a link, a log record, a data point, a scope or a",
            "resource. A key that is neither here nor in a project's own policy doesn't leave, nor does its value; the",
            "item carries how many attributes were dropped. `pazpaz-otel policy explain KEY` says what becomes of one",
            "key under your own policy.",
            "",
            "| attribute | kind | its value | Prometheus label |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(rule: AttributeRule) -> str:
    kind = rule.kind.name if rule.kind.name == "enum" else text_of(rule.kind)
    fate = describe(rule.kind).replace("|", "\\|")
    return f"| `{rule.key}` | `{kind}` | {fate} | `{rule.prometheus_label}` |"
