"""The Collector's configuration, rendered from the policy as layers that the Collector merges in order.

Source: https://opentelemetry.io/docs/collector/configuration/ and the README of each component.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel import yaml_text
from pazpaz_otel.compile.collector import logs, metrics, traces
from pazpaz_otel.compile.collector.layers import layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy import Policy

ALWAYS = ("base.yaml", "wall-traces.yaml", "wall-metrics.yaml", "wall-logs.yaml", "exporters.yaml", "nginx.yaml")
"""The files that every Collector loads, in this order."""

OPTIONAL = ("logs.yaml", "sentry.yaml", "debug.yaml")
"""Further files, to be loaded after those if wanted."""

LAST = "extras.yaml"
"""The user's own file, which is loaded last and never rendered."""

_HEAD = """\
# {about}
# Rendered from the policy by `pazpaz-otel collector render`; change the policy or compile/collector/, not this file.
"""


def render(policy: Policy) -> dict[str, str]:
    """Return the configuration's files as file name → text, for one folder.

    Load each with its own `--config`: first `ALWAYS` in order, then the wanted ones of `OPTIONAL`, then `LAST`.
    """
    files: dict[str, tuple[str, Mapping[str, Any]]] = {
        "base.yaml": (
            "Receivers, the memory limit, the queue on disk, health and the Collector's own metrics.",
            layer("base"),
        ),
        "wall-traces.yaml": ("The second wall for traces.", traces.wall(policy)),
        "wall-metrics.yaml": (
            "The second wall for metrics, and the guide's names for HTTP metrics.",
            metrics.wall(policy),
        ),
        "wall-logs.yaml": ("The second wall for logs.", logs.wall(policy)),
        "exporters.yaml": ("Where it goes: metrics to Prometheus, traces to Tempo.", layer("exporters")),
        "nginx.yaml": ("What nginx answers in the API's place, counted by status.", layer("nginx")),
        "logs.yaml": ("Optional: logs to Loki.", layer("logs")),
        "sentry.yaml": ("Optional: every failed and slow trace, and a tenth of the rest, to Sentry.", layer("sentry")),
        "debug.yaml": ("Optional: everything that passed the wall, on stderr.", layer("debug")),
    }
    return {name: _HEAD.format(about=about) + yaml_text.dump(config) for name, (about, config) in files.items()}
