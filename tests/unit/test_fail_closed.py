"""What a process is left with when everything was shut: nothing leaves, and nothing of the application breaks."""

from __future__ import annotations

import subprocess
import sys

from pazpaz_otel import fail_closed

CODE = """
from pazpaz_otel import fail_closed

fail_closed.stop_export(ValueError("a step that failed"))
from opentelemetry import context, propagate

token = context.attach(propagate.extract({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}))
carrier = {}
propagate.inject(carrier)
context.detach(token)
given = context.set_value("key", "value")
print(carrier, propagate.extract({}, given) == given, propagate.get_global_textmap().fields)
"""

LINES = """
import logging, sys
import structlog
from pazpaz_otel import fail_closed

fail_closed.stop_export(ValueError("a step that failed"), withholds_lines=True)
handler = logging.StreamHandler(sys.stdout)
merging = structlog.contextvars.merge_contextvars
handler.setFormatter(structlog.stdlib.ProcessorFormatter(structlog.dev.ConsoleRenderer(), foreign_pre_chain=[merging]))
logging.basicConfig(handlers=[handler])
structlog.contextvars.bind_contextvars(client="dvora")
logging.getLogger("clinic").error("note of %s", "dvora")
"""


def test_a_request_is_read_and_a_call_goes_out_without_propagation() -> None:
    """Once shut, a context that is read from headers can be attached, and no header is written."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "{} True set()"


def test_an_error_that_cannot_be_printed_is_named_by_its_type() -> None:
    """An exception of a plug-in whose text raises is told as its type, and shutting goes on."""

    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert fail_closed.describe(UnprintableError()) == "UnprintableError"


def test_a_line_has_no_context_where_output_is_to_be_guarded() -> None:
    """Once shut, a formatter of structlog's merges nothing into the line that stands for a withheld one."""
    done = subprocess.run([sys.executable, "-c", LINES], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout
    assert "dvora" not in done.stdout
