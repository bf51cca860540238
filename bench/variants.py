"""What is measured: the same applications, instrumented in different ways."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench import environments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WORKER = Path(__file__).parent / "measured" / "worker.py"

# Room for all spans of one measurement: what is dropped costs nothing, and would flatter.
_QUEUES = {"OTEL_BSP_MAX_QUEUE_SIZE": "65536", "OTEL_BLRP_MAX_QUEUE_SIZE": "65536"}


@dataclass(frozen=True)
class Variant:
    """One way to instrument an application.

    Attributes:
        name: as the table has it.
        bin: the folder of the environment's programs.
        wrapper: the program of the environment that it runs under.
        is_counted: whether what arrives has to be whole: what others leave out of themselves isn't ours to judge.
        environment: variables; `{sink}` stands for the sink's `host:port`, `{name}` for the variant.
    """

    name: str
    bin: Path
    wrapper: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    is_counted: bool = True

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs Python's `arguments` so instrumented."""
        python = [str(self.bin / "python"), *arguments]
        # By the interpreter: a script of the environment may have too long a path for its first line.
        return [python[0], str(self.bin / self.wrapper), *python] if self.wrapper else python

    def variables(self, sink: str, folder: Path, core: int | None) -> dict[str, str]:
        """The whole environment of the measured process: nothing of the caller's settings reaches it."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {name: value.format(sink=sink, name=self.name) for name, value in self.environment.items()}
        pinned = {} if core is None else {"BENCH_CORE": str(core)}
        return {**kept, **_QUEUES, **own, **pinned, "BENCH_DATABASE": str(folder / f"{self.name}.db")}


NAMES = ("bare", "stock", "settings", "guide", "logfire", "ddtrace", "ours", "ours+sentry")
"""All of them, in the order of the tables."""
SHORT = ("bare", "stock", "ours")
"""Those that every promise is measured by; another interpreter, and the real server, see these only."""
_OTLP = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://{sink}/{name}",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_SERVICE_NAME": "clinic-api",
}
_NATIVE = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi", "BENCH_NATIVE": "true"}
_SENTRY = {"SENTRY_DSN": "http://key@{sink}/{name}/1"}
_DATADOG = {
    "DD_TRACE_AGENT_URL": "http://{sink}",
    "DD_SERVICE": "clinic-api",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
}


def variants(names: Iterable[str] = NAMES, python: str = sys.executable) -> list[Variant]:
    """Those of some names, in the order of the tables; environments that are missing are made first.

    Args:
        names: of `NAMES`.
        python: the interpreter that they run under; other than the running one for `SHORT` only.
    """
    otel = "opentelemetry-instrument"
    made: dict[str, Callable[[], Variant]] = {
        "bare": lambda: Variant("bare", environments.stock(python)),
        "stock": lambda: Variant("stock", environments.stock(python), otel, _OTLP),
        "settings": lambda: Variant("settings", environments.stock(), otel, {**_OTLP, **_NATIVE}),
        "guide": lambda: Variant("guide", environments.guide(), "", {**_SENTRY, "BENCH_GUIDE": "true"}),
        "logfire": lambda: Variant(
            "logfire", environments.logfire(), "", {**_OTLP, "BENCH_LOGFIRE": "true"}, is_counted=False
        ),
        "ddtrace": lambda: Variant("ddtrace", environments.ddtrace(), "ddtrace-run", _DATADOG),
        "ours": lambda: Variant("ours", environments.ours(python), otel, _OTLP),
        "ours+sentry": lambda: Variant("ours+sentry", environments.ours(), otel, {**_OTLP, **_SENTRY}),
    }
    chosen = set(names)
    return [made[name]() for name in NAMES if name in chosen]


def busy() -> list[Variant]:
    """The application of `bench.latency`: alone, and under ours, from one environment."""
    folder = environments.busy()
    return [Variant("bare", folder), Variant("ours", folder, "opentelemetry-instrument", _OTLP)]
