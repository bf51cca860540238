"""Lines that the application writes itself, guarded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.log_line import guarded_message, guarded_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

    Guarded = Callable[[logging.LogRecord, Guard], logging.LogRecord]

NAME = "Dvora Mizrahi"
FORGED = f'Stack (most recent call last):\n  File "/srv/{NAME}.py", line 3, in {NAME}\n    call({NAME!r})'


class Written(logging.Handler):
    """Keep a line with its stack, and with a forged one, as they would be written."""

    def __init__(self, guarded: Guarded, guard: Guard) -> None:
        super().__init__()
        self._guarded, self._guard = guarded, guard
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write both."""
        for stack in (record.stack_info, FORGED):
            record.stack_info = stack
            self.lines.append(self.format(self._guarded(record, self._guard)))


@pytest.mark.parametrize("guarded", [guarded_record, guarded_message])
def test_a_stack_is_shown_without_its_source(guarded: Guarded, guard: Guard):
    """`stack_info=True` shows the application's frames, as a traceback does; of a made-up stack nothing is shown."""
    logger, handler = logging.getLogger(__name__), Written(guarded, guard)
    logger.addHandler(handler)
    try:
        logger.error("the visit is late", stack_info=True)
    finally:
        logger.removeHandler(handler)
    stack, forged = handler.lines
    assert stack.startswith("the visit is late\nStack (most recent call last):\n")
    assert ", in test_a_stack_is_shown_without_its_source" in stack
    assert "logger.error(" not in stack
    assert forged == 'the visit is late\nStack (most recent call last):\n  File "<redacted>"'


@pytest.mark.parametrize(("asked", "written"), [(NAME, "<redacted>"), ("root", "root")])
def test_a_logger_without_a_proven_name_is_no_other(guard: Guard, asked: str, written: str):
    """A name that nothing proves isn't replaced by that of another logger."""
    record = logging.LogRecord(asked, logging.INFO, __file__, 1, "the visit is late", None, None)
    assert guarded_record(record, guard).name == written
