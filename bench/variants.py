"""What is measured: the same applications, instrumented in different ways."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from bench import environments

WORKER = Path(__file__).parent / "measured" / "worker.py"

# Room for all spans of one measurement: what is dropped costs nothing, and would flatter.
_QUEUES = {"OTEL_BSP_MAX_QUEUE_SIZE": "65536", "OTEL_BLRP_MAX_QUEUE_SIZE": "65536"}


@dataclass(frozen=True)
class Variant:
    """One way to instrument an application.

    Attributes:
        name: as the table has it.
        bin: the folder of the environment's programs.
        instrumented: whether it runs under `opentelemetry-instrument`.
        environment: variables; `{sink}` stands for the sink's `host:port`, `{name}` for the variant.
    """

    name: str
    bin: Path
    instrumented: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs Python's `arguments` so instrumented."""
        python = [str(self.bin / "python"), *arguments]
        # By the interpreter: a script of the environment may have too long a path for its first line.
        return [python[0], str(self.bin / "opentelemetry-instrument"), *python] if self.instrumented else python

    def variables(self, sink: str, folder: Path, core: int | None) -> dict[str, str]:
        """The whole environment of the measured process: nothing of the caller's settings reaches it."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {name: value.format(sink=sink, name=self.name) for name, value in self.environment.items()}
        pinned = {} if core is None else {"BENCH_CORE": str(core)}
        return {**kept, **_QUEUES, **own, **pinned, "BENCH_DATABASE": str(folder / f"{self.name}.db")}


def variants() -> list[Variant]:
    """All of them; environments that are missing are made first."""
    otlp = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://{sink}/{name}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "clinic-api",
    }
    native = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi", "BENCH_NATIVE": "true"}
    sentry = {"SENTRY_DSN": "http://key@{sink}/{name}/1"}
    stock, guide, ours = environments.stock(), environments.guide(), environments.ours()
    return [
        Variant("bare", stock),
        Variant("stock", stock, instrumented=True, environment=otlp),
        Variant("settings", stock, instrumented=True, environment={**otlp, **native}),
        Variant("guide", guide, environment={**sentry, "BENCH_GUIDE": "true"}),
        Variant("ours", ours, instrumented=True, environment=otlp),
        Variant("ours+sentry", ours, instrumented=True, environment={**otlp, **sentry}),
    ]
