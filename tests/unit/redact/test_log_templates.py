"""A log record's proof is kept where nobody else writes, and is judged again when it is read."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import pickle
import queue
import sys
import threading
import types
from logging.handlers import QueueHandler
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel import patches
from pazpaz_otel.redact import log_templates, text
from pazpaz_otel.redact.log_templates import error_of, template_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = bytes.fromhex("44616e61204c657669").decode()


class Caught(logging.Handler):
    """Keeps the records that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def record(self) -> logging.LogRecord:
        return self.records[-1]


@pytest.fixture
def caught() -> Iterator[Caught]:
    """What this module's logger emits, with the record factory in place."""
    text._proven.clear()
    handler = Caught()
    logger = logging.getLogger(__name__)
    with patches.restored():
        log_templates.install()
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        yield handler
        logger.removeHandler(handler)


class _Incomparable:
    def __eq__(self, other: object) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


log = logging.getLogger(__name__)


def test_an_attribute_of_the_applications_is_no_proof(caught: Caught) -> None:
    """A filter that writes `template`, a common name, isn't believed."""

    class Marking(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.template = f"note of {NAME}"
            return True

    marking = Marking()
    log.addFilter(marking)
    try:
        log.warning(NAME)
    finally:
        log.removeFilter(marking)
    assert template_of(caught.record) is None


def test_a_message_that_a_filter_rewrites_is_judged_again(caught: Caught) -> None:
    """The proof of one text isn't that of another."""
    log.warning("note saved for %s", NAME)
    caught.record.msg = f"{NAME} was here"
    caught.record.args = None
    assert template_of(caught.record) is None
    log.warning("note saved for %s", NAME)
    caught.record.msg, caught.record.args = f"note saved for {NAME}", None
    assert template_of(caught.record) == "note saved for %s"


def test_a_record_carried_by_a_queue_keeps_its_template(caught: Caught) -> None:
    """`QueueHandler` fills in the message and copies the record: it is still of the proven form."""
    carried: queue.SimpleQueue[Any] = queue.SimpleQueue()
    handler = QueueHandler(carried)
    log.addHandler(handler)
    try:
        log.warning("note saved for %s", NAME)
        log.warning(f"note lost for {NAME}")  # noqa: G004
    finally:
        log.removeHandler(handler)
    assert template_of(carried.get()) == "note saved for %s"
    assert template_of(carried.get()) == "note lost for {NAME}"


def test_what_a_filter_writes_around_a_message_is_told_from_what_it_adds(caught: Caught) -> None:
    """A filter that rewrites a record's text adds its own words to what leaves, and a hole for each value."""

    class Prefix(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.msg = f"round of {NAME}: " + str(record.msg)
            return True

    prefix = Prefix()
    log.addFilter(prefix)
    try:
        log.warning("note saved for %s", NAME)
        assert template_of(caught.record) == "round of {NAME}: note saved for %s"
    finally:
        log.removeFilter(prefix)


def test_what_an_adapter_wraps_its_message_in_stays(caught: Caught) -> None:
    """The message is proven where the adapter is called; of what its `process` puts around it, its own words leave."""

    class Named(logging.LoggerAdapter[logging.Logger]):
        def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
            return f"[{NAME}] {msg} ({NAME})", kwargs

    adapter = Named(log, {})
    adapter.warning("note saved for %s", NAME)
    assert template_of(caught.record) == "[{NAME}] note saved for %s ({NAME})"
    adapter.warning(f"note lost for {NAME}")
    assert template_of(caught.record) == "[{NAME}] note lost for {NAME} ({NAME})"
    adapter.warning(NAME)
    assert template_of(caught.record) is None


def test_what_an_adapter_wraps_its_message_in_stays_where_its_log_is_called(caught: Caught) -> None:
    """`LoggerAdapter.log` forgets the message that it was given: the calling statement's text leaves, with holes."""

    class Named(logging.LoggerAdapter[logging.Logger]):
        def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
            return f"[{NAME}] {msg} ({NAME})", kwargs

    adapter = Named(log, {})
    adapter.log(logging.WARNING, "note saved for %s", NAME)
    assert template_of(caught.record) == "{…} note saved for %s {…}"
    adapter.log(logging.WARNING, f"note lost for {NAME}")
    assert template_of(caught.record) == "{…} note lost for {NAME} {…}"
    adapter.log(logging.WARNING, NAME)
    assert template_of(caught.record) is None


def test_what_asyncio_says_of_a_lost_error_leaves_without_the_task(caught: Caught) -> None:
    """The sentence leaves; the task's representation, which quotes the error, doesn't."""

    async def fail() -> None:
        raise ValueError(NAME)

    async def forget() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait([task])

    logger = logging.getLogger("asyncio")
    logger.addHandler(caught)
    try:
        asyncio.run(forget())
        gc.collect()
    finally:
        logger.removeHandler(caught)
    assert NAME in caught.record.getMessage()
    assert template_of(caught.record) == "Task exception was never retrieved\n{…}"


def test_a_record_can_be_copied_and_pickled(caught: Caught) -> None:
    """What travels to another process takes no proof along."""
    log.warning("note saved for %s", NAME)
    assert template_of(copy.copy(caught.record)) == "note saved for %s"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        there = pickle.loads(pickle.dumps(caught.record, protocol))
        # Another process may lack this package.
        assert type(there) is logging.LogRecord
        assert vars(there) == vars(caught.record)


@pytest.mark.parametrize("later", [False, True])
def test_an_applications_own_factory_keeps_the_proof(caught: Caught, later: bool) -> None:
    """A factory that is set before or after ours makes its own records, which are proven all the same."""

    class Own(logging.LogRecord):
        pass

    if later:
        logging.setLogRecordFactory(Own)
    else:
        patches.uninstall("logging.record_factory", "logging.set_record_factory")
        logging.setLogRecordFactory(Own)
        log_templates.install()
    log.warning(f"note saved for {NAME}")  # noqa: G004
    assert type(caught.record) is Own
    assert template_of(caught.record) == "note saved for {NAME}"
    carried = copy.copy(caught.record)
    carried.msg = carried.getMessage()
    assert template_of(carried) == "note saved for {NAME}"
    carried.msg = NAME
    assert template_of(carried) is None
    own = logging.getLogger("opentelemetry.test_own_factory")
    own.addHandler(caught)
    own.warning("Invalid entry: %s", NAME)
    own.removeHandler(caught)
    assert NAME not in caught.record.getMessage()


@pytest.mark.parametrize("sets", [False, True])
def test_uninstalling_returns_the_applications_factory(sets: bool) -> None:
    """The one that it had, or the one that it has set since, even if it was given ours in between."""

    class Own(logging.LogRecord):
        pass

    before = logging.getLogRecordFactory()
    log_templates.install()
    ours = logging.getLogRecordFactory()
    assert ours is not before
    if sets:
        logging.setLogRecordFactory(Own)
        logging.setLogRecordFactory(ours)
        logging.setLogRecordFactory(Own)
        logging.setLogRecordFactory(logging.getLogRecordFactory())
    # Other tests of the process may have left patches that somebody has wrapped.
    rows = ("logging.record_factory", "logging.set_record_factory", "logging.get_logger")
    assert patches.uninstall(*rows) == []
    assert logging.getLogRecordFactory() is (Own if sets else before)


def test_an_exception_as_the_message_is_its_own_text(caught: Caught) -> None:
    """`log.error(exc)` and `log.error("%s", exc)` tell what the exception's source proves."""
    try:
        raise ValueError(f"no slot for {NAME}")
    except ValueError as error:
        log.error(error)
        assert template_of(caught.record) == "no slot for {NAME}"
        log.error("%s", error)
        assert template_of(caught.record) == "no slot for {NAME}"
        log.error(str(error))
        assert template_of(caught.record) == "no slot for {NAME}"
        log.exception("failed")
        assert error_of(caught.record) is error  # noqa: PT017


def test_a_logger_is_named_by_the_literal_at_getlogger(caught: Caught) -> None:
    """A literal name is proven where the logger is asked for; a composed one isn't a name."""
    from pazpaz_otel.redact.logger_names import logger_name

    logging.getLogger("clinic.audit.trail")
    logging.getLogger(f"clinic.{NAME}")
    assert logger_name("clinic.audit.trail") == "clinic.audit.trail"
    assert logger_name(f"clinic.{NAME}") is None
    assert logger_name("root") == "root"


def test_a_module_whose_values_cannot_be_compared_breaks_no_call(
    caught: Caught, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that runs a logger's method looks for the module that handed it the text, by identity."""
    module = types.ModuleType("clinic")
    # As NumPy's arrays and SQLAlchemy's columns stand in an application's modules.
    vars(module).update(__file__=str(tmp_path / "clinic.py"), visits=_Incomparable(), logging=logging)
    monkeypatch.setitem(sys.modules, "clinic", module)
    logging.getLogger().addHandler(caught)
    thread = threading.Thread(target=logging.warning, args=(str(id(caught)),))
    thread.start()
    thread.join()
    logging.getLogger().removeHandler(caught)
    assert template_of(caught.record) is None
