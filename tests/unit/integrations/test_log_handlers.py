"""OpenTelemetry's logging handlers receive what the root logger does, without being alone on it."""

from __future__ import annotations

import copy
import logging
from logging.handlers import QueueHandler, QueueListener
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.instrumentation.logging.handler import LoggingHandler

from pazpaz_otel.integrations import log_handlers
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.log_templates import ProvenLogRecord, template_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Keeping(LoggingHandler):
    """Keep what it is given."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record.getMessage())


def _added(monkeypatch: pytest.MonkeyPatch) -> Keeping:
    """A handler for warnings, added as OpenTelemetry does it to a root logger without handlers.

    No fixture: pytest adds its own handlers after them.
    """
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(log_handlers, "_ours", [])
    handler = Keeping(logging.WARNING)
    with log_handlers.beside_root(Guard(load_policy())):
        logging.root.addHandler(handler)
    return handler


def test_one_that_a_failed_start_added_is_not_alone_on_it_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails after it leaves the application's logging as it was."""
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(log_handlers, "_ours", [])

    def start() -> None:
        with log_handlers.beside_root(Guard(load_policy())):
            logging.root.addHandler(Keeping(logging.WARNING))
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        start()
    assert logging.root.handlers == []


def test_it_receives_what_reaches_the_root_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its level on, and nothing of a logger that doesn't propagate or isn't in the tree."""
    handler = _added(monkeypatch)
    inner, closed, apart = logging.getLogger("a.b"), logging.getLogger("c"), logging.Logger("d")  # noqa: LOG001
    closed.propagate = False
    assert handler not in logging.root.handlers
    for logger in (logging.root, inner, closed, apart):
        logger.warning("from %s", logger.name)
    inner.error("an error")
    inner.info("below")
    assert handler.kept == ["from root", "from a.b", "an error"]


def test_it_is_on_the_root_logger_while_a_handler_of_the_application_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application may hand the root logger's handlers on; each record arrives once in any case."""
    handler = _added(monkeypatch)
    log, own = logging.getLogger("a"), logging.NullHandler()
    for step in (
        lambda: logging.root.addHandler(own),
        lambda: logging.root.removeHandler(own),
        logging.basicConfig,
        logging.root.handlers.clear,
        lambda: logging.root.addHandler(own),
        lambda: [logging.root.removeHandler(each) for each in list(logging.root.handlers)],
        lambda: logging.basicConfig(force=True),
    ):
        step()
        log.warning("after a step")
        assert (handler in logging.root.handlers) == (len(logging.root.handlers) > 0)
    assert handler.kept == ["after a step"] * 7


def test_it_receives_a_record_before_a_handler_changes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A formatter may colour a level's name, and print an exception by itself."""
    handler, seen = _added(monkeypatch), list[Any]()
    handler.addFilter(lambda record: seen.append((record.levelname, bool(record.exc_info))) is None)

    class Changing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record.levelname, record.exc_info = "red", None

    logging.root.addHandler(Changing())
    logging.getLogger("a").error("failed", exc_info=ValueError())
    assert seen == [("ERROR", True)]


def test_it_receives_each_of_several_equal_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application's own class may compare its records."""
    handler = _added(monkeypatch)

    class Equal(logging.LogRecord):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        def __hash__(self) -> int:
            return 1

    class Unhashable(Equal):
        __hash__ = None  # type: ignore[assignment]

    for kind in (Equal, Unhashable):
        for record in [kind("a", logging.WARNING, "", 1, "again", (), None) for _ in range(2)]:
            logging.getLogger("a").handle(record)
    assert handler.kept == ["again"] * 4


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_it_receives_once_what_is_copied(
    monkeypatch: pytest.MonkeyPatch, copied: Callable[[logging.LogRecord], logging.LogRecord]
) -> None:
    """As a handler may do it for another, so as not to change the record."""
    handler = _added(monkeypatch)
    monkeypatch.setattr(logging, "_logRecordFactory", ProvenLogRecord.of)

    class Copying(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            made = copied(record)
            handler.handle(made)
            assert template_of(made) == "for %s"

    logging.root.addHandler(Copying())
    logging.getLogger("a").warning("for %s", "Dvora")
    assert handler.kept == ["for Dvora"]


def test_it_receives_once_what_a_queue_hands_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener may be given all handlers of the root logger."""
    handler, queue = _added(monkeypatch), Queue[Any]()
    monkeypatch.setattr(logging, "_logRecordFactory", ProvenLogRecord.of)
    logging.root.addHandler(logging.NullHandler())
    listener = QueueListener(queue, *logging.root.handlers)
    logging.basicConfig(force=True, handlers=[QueueHandler(queue)])
    logging.getLogger("a").warning("queued")
    listener.handle(queue.get_nowait())
    assert handler.kept == ["queued"]


def test_opentelemetry_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the instrumentation does when it is uninstalled."""
    handler = _added(monkeypatch)
    assert handler in log_handlers.exporting_handlers()
    uninstrumented: dict[str, Any] = {"__name__": "opentelemetry.instrumentation.logging", "handler": handler}
    exec("import logging; logging.root.removeHandler(handler)", uninstrumented)
    logging.getLogger("a").warning("lost")
    assert handler.kept == []
    assert handler not in log_handlers.exporting_handlers()


def test_opentelemetrys_own_lines_have_no_last_resort(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failing export would fill the standard error of an application without a logging configuration."""
    handler = _added(monkeypatch)
    logging.getLogger("opentelemetry.exporter").warning("transient")
    logging.getLogger("app").warning("the application's")
    assert capsys.readouterr().err == "the application's\n"
    assert handler.kept == ["transient", "the application's"]


def test_one_left_alone_on_it_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the next record, because nothing tells of a change to the list itself."""
    handler = _added(monkeypatch)
    logging.root.addHandler(logging.NullHandler())
    logging.root.handlers.pop(0)
    logging.getLogger("a").warning("first")
    assert logging.root.handlers == []
    assert handler.kept == ["first"]


def test_one_that_the_application_removes_stays_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that removes the last handler until there is none comes to an end."""
    handler, own = _added(monkeypatch), logging.NullHandler()
    logging.root.addHandler(own)
    logging.root.removeHandler(handler)
    logging.getLogger("a").warning("still")
    assert logging.root.handlers == [own]
    assert handler.kept == ["still"]
