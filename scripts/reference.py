"""The reference pages and `.env.example`, made from the tables that the code itself reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.parameters import PARAMETERS
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from pazpaz_otel.policy import MetricRule

_MADE = "made by `make generate`; change the source instead"


def env_example() -> str:
    """`examples/application.env`: every variable that an application's process reads; secrets empty."""
    lines = [
        f"# What the distribution reads in your application's process, {_MADE}: src/pazpaz_otel/parameters.py.",
        "",
    ]
    for parameter in PARAMETERS:
        lines += [f"# {parameter.description} ({parameter.origin})", f"#{parameter.name}={parameter.default}", ""]
    return "\n".join(lines)


def settings_page() -> str:
    """Return the table of settings."""
    rows = [
        f"| `{p.name}` | {f'`{p.default}`' if p.default else ''} | {p.description} | {p.origin} |" for p in PARAMETERS
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            f"<!-- {_MADE}: src/pazpaz_otel/parameters.py -->",
            "",
            "Every standard `OTEL_*` variable keeps its meaning; those listed here have another default, or are read",
            "by this distribution, too.",
            "",
            "| variable | default | what it does | defined by |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def metrics_page() -> str:
    """Return the instruments of the default policy."""
    policy = load_policy()

    def row(rule: MetricRule) -> str:
        attributes = ", ".join(f"`{key}`" for key in rule.attributes)
        return f"| `{rule.name}` | {rule.type} | `{rule.unit}` | {rule.description} | {attributes} | {rule.limit} |"

    return "\n".join(
        [
            "# Metrics of the default policy",
            "",
            f"<!-- {_MADE}: src/pazpaz_otel/policy/default.yaml -->",
            "",
            "What isn't listed here or in a project's own policy isn't exported.",
            "",
            "| instrument | type | unit | what it counts | attributes | series at most |",
            "|---|---|---|---|---|---|",
            *(row(rule) for rule in policy.metrics.values()),
            "",
        ]
    )
