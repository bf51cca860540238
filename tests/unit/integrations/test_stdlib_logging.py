"""OpenTelemetry's logging handlers when the interpreter ends."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import logging
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from pazpaz_otel.integrations import stdlib_logging

class Own(logging.Handler):
    def flush(self):
        print("own flushed")

stdlib_logging.tolerate_logging_errors(lean=True)
# At no logger: an application may keep a handler anywhere.
kept = LoggingHandler(logger_provider=LoggerProvider()), Own()
"""


def test_a_handler_does_not_fail_when_the_interpreter_ends():
    """OpenTelemetry's handlers start no thread at the end, which Python refuses; other handlers are flushed."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("own flushed\n", "")
