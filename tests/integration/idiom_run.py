"""Runs a program of idioms under the distribution, and gives what it said and what arrived."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.instrumented import INSTRUMENT
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What came of a program.

    Attributes:
        said: what it wrote to standard output.
        arrived: every byte that reached OTLP or Sentry.
        leaked: the values, which no source holds, that are among it.
    """

    said: bytes
    arrived: str
    leaked: list[str]


def run_idioms(module: str, path: Path, folder: Path, *, as_main: bool = False) -> Ran:
    """Run a module in a process of its own.

    Args:
        module: takes its values from the variables IDIOM_VALUE, IDIOM_OTHER and IDIOM_NUMBER.
        path: where it is found; beside it is `frame`, which some programs share.
        folder: to run in.
        as_main: run it as the main program, rather than import it.
    """
    values = {
        "IDIOM_VALUE": f"Zq{uuid.uuid4().hex[:10]}",
        "IDIOM_OTHER": f"Yw {uuid.uuid4().hex[:8]}",
        "IDIOM_NUMBER": str(300_000_000 + uuid.uuid4().int % 99_999_999),
    }
    with HttpSink() as sink:
        environment = {
            **os.environ,
            **values,
            "PYTHONPATH": os.pathsep.join((str(path), str(path.parent))),
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_SERVICE_NAME": "clinic",
            "SENTRY_DSN": f"{sink.endpoint.replace('http://', 'http://key@')}/1",
        }
        run = ["-m", module] if as_main else ["-c", f"import {module}"]
        command = [*INSTRUMENT, sys.executable, *run]
        ran = subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, timeout=300)
        arrived = b"".join(received.body for received in sink.received).decode("utf-8", "replace")
    return Ran(ran.stdout, arrived, [value for value in values.values() if value in arrived])
