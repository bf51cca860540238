"""structlog and loguru reach OpenTelemetry and keep what their calls prove, however they are configured."""

from __future__ import annotations

import enum
import io
import json
import logging
import operator
import sys
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import structlog
from loguru import logger as loguru_logger
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from pythonjsonlogger.json import JsonFormatter

from pazpaz_otel import patches
from pazpaz_otel.integrations import loguru, stdlib_logging, structured
from pazpaz_otel.integrations import structlog as integration
from pazpaz_otel.integrations.library import Wiring
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.literals import MARK
from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = bytes.fromhex("44616e61204c657669").decode()


class Sent:
    """The records that left."""

    def __init__(self, exporter: InMemoryLogRecordExporter) -> None:
        self._exporter = exporter

    @property
    def scope(self) -> str:
        """The logger of the record."""
        [found] = self._exporter.get_finished_logs()
        return str(found.instrumentation_scope.name)

    @property
    def record(self) -> Any:
        [found] = self._exporter.get_finished_logs()
        self._exporter.clear()
        assert NAME not in str(found.log_record.body) + str(found.log_record.attributes)
        return found.log_record


@pytest.fixture
def sent() -> Iterator[Sent]:
    """A root logger with OpenTelemetry's handler, and the integrations in place."""
    guard = Guard(load_policy())
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(RedactingLogRecordProcessor(SimpleLogRecordProcessor(exporter), guard))
    handler = LoggingHandler(logger_provider=provider)
    with patches.restored():
        log_templates.install()
        stdlib_logging.tolerate_logging_errors(lean=True)
        for library in (integration.LIBRARY, loguru.LIBRARY):
            for then in library.watch.values():
                then(None, Wiring(guard))
        logging.getLogger().addHandler(handler)
        yield Sent(exporter)
        logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()


def _data(text: str) -> str:
    """Return a text that the source doesn't tell."""
    return bytes.fromhex(text).decode()


def _fields(record: Any) -> dict[str, Any]:
    """A record's fields; the mark for the Collector's wall says the same of them."""
    fields = dict(record.attributes)
    assert json.loads(fields.pop(MARK)) == fields
    return fields


def test_structlogs_default_arrives(sent: Sent) -> None:
    """An event that structlog prints itself leaves once, with the fields that the call proves."""
    structlog.get_logger().info("slot_booked", client=NAME, reason="first_visit", attempt=2)
    record = sent.record
    assert record.body == "slot_booked"
    assert _fields(record) == {"reason": "first_visit", "attempt": 2}
    structlog.get_logger().info(f"slot booked for {NAME}")
    assert sent.record.body == "slot booked for {NAME}"
    structlog.get_logger().info("slot booked for %s", NAME)
    assert sent.record.body == "slot booked for %s"


def test_fields_that_a_local_dictionary_holds_are_proven(sent: Sent) -> None:
    """`**fields` and `extra=fields` are followed to the dictionary that the function writes out."""
    fields = {"reason": "no_show", "client": NAME}
    structlog.get_logger().info("slot_lost", **fields)
    assert _fields(sent.record) == {"reason": "no_show"}
    logging.getLogger(__name__).warning("slot freed", extra=fields)
    attributes = dict(sent.record.attributes)
    assert attributes["reason"] == "no_show"
    assert NAME not in attributes.values()


def test_a_field_that_data_picks_from_a_table_stays(sent: Sent) -> None:
    """`reason=pick([…], code)` proves as little as a body would: which one was picked tells of a patient."""
    for code in (0, 1):
        logging.getLogger(__name__).warning(
            "slot freed", extra={"reason": operator.getitem(("flu of a", "flu of b"), code), "room": "blue"}
        )
        assert _fields(sent.record) == {"room": "blue"}


def test_what_was_said_elsewhere_stays_where_data_picks_it(sent: Sent) -> None:
    """A bound field and an event that another call proved don't prove those of this call."""
    texts = "came_for_the_flu", "came_for_the_pill"
    structlog.get_logger().bind(reason="came_for_the_flu").info("came_for_the_flu")
    record = sent.record
    assert (record.body, _fields(record)) == ("came_for_the_flu", {"reason": "came_for_the_flu"})
    structlog.get_logger().info("slot_lost", reason=operator.getitem(texts, 0))
    assert "reason" not in sent.record.attributes
    structlog.get_logger().info(operator.getitem(texts, 0))
    assert "flu" not in str(sent.record.body)
    sink = loguru_logger.add(lambda _: None)
    loguru_logger.info("came_for_the_flu")
    assert sent.record.body == "came_for_the_flu"
    loguru_logger.info(operator.getitem(texts, 0))
    assert "flu" not in str(sent.record.body)
    loguru_logger.remove(sink)


def test_a_bound_literal_proves_no_equal_text_of_data(sent: Sent) -> None:
    """What is bound under a key leaves with every call; data that equals it under the same key doesn't."""
    channel = structlog.get_logger().bind(channel="seen_for_flu", desk="f")
    for _ in range(2):
        channel.info("slot_booked")
        assert sent.record.attributes["channel"] == "seen_for_flu"
    # Interpreters differ in whose letters they share.
    for data in (bytes.fromhex("7365656e5f666f725f666c75").decode(), sys.intern(bytes.fromhex("66").decode())):
        structlog.get_logger().bind(channel=data, desk=data).info("slot_booked")
        assert {"channel", "desk"}.isdisjoint(sent.record.attributes)
        structlog.contextvars.bind_contextvars(channel=data, desk=data)
        structlog.get_logger().info("slot_booked")
        assert {"channel", "desk"}.isdisjoint(sent.record.attributes)
        structlog.contextvars.clear_contextvars()


def test_wrong_arguments_of_a_text_that_is_not_proven_break_nothing(sent: Sent) -> None:
    """`logging` prints such a mistake and goes on, and so does the application under the guards."""
    with mock.patch.object(logging, "raiseExceptions", False):
        logging.getLogger(__name__).warning(f"{NAME}"[:] + " %d", "x")  # noqa: G003 - that is the case
    assert NAME not in str(sent.record.body)


@pytest.mark.parametrize(
    "renderer",
    [
        structlog.processors.JSONRenderer(),
        structlog.processors.KeyValueRenderer(),
        structlog.processors.LogfmtRenderer(),
        structlog.dev.ConsoleRenderer(),
        structlog.stdlib.render_to_log_kwargs,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
)
def test_an_event_arrives_whatever_renders_it(sent: Sent, renderer: Any) -> None:
    """Through Python's logging, an event leaves once, as its text, its proven fields and its exception."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, renderer], logger_factory=structlog.stdlib.LoggerFactory()
    )
    log = structlog.get_logger(__name__).bind(component="booking", client=NAME)
    try:
        raise ValueError(f"no slot for {NAME}")
    except ValueError as error:
        log.warning("booking_failed", error=str(error), error_type=type(error).__name__, exc_info=True)
    record = sent.record
    assert record.body == "booking_failed"
    attributes = dict(record.attributes)
    assert (attributes["component"], attributes["error"], attributes["error_type"]) == (
        "booking",
        "no slot for {NAME}",
        "ValueError",
    )
    assert (attributes["exception.type"], attributes["exception.message"]) == ("ValueError", "no slot for {NAME}")


def _requested(name: str, label: str) -> Any:
    """Request a logger, which structlog makes when it is used."""
    return structlog.get_logger(name, component=label)


def test_a_logger_that_is_made_later_has_its_name(sent: Sent) -> None:
    """The literals with which a logger is requested leave, wherever it is used first; data doesn't."""
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs], logger_factory=structlog.stdlib.LoggerFactory()
    )
    literal, data = structlog.get_logger("booking.desk", component="desk"), _requested(NAME[:], NAME[:])
    literal.warning("slot_lost")
    assert sent.scope == "booking.desk"
    assert sent.record.attributes["component"] == "desk"
    data.warning("slot_lost")
    assert NAME not in sent.scope
    assert "component" not in sent.record.attributes


def test_loguru_arrives(sent: Sent) -> None:
    """A message leaves as its template, once, where no sink hands it to Python's logging."""
    sink = loguru_logger.add(lambda _: None)
    loguru_logger.bind(component="booking").info("slot booked for {}", NAME)
    record = sent.record
    assert record.body == "slot booked for {}"
    loguru_logger.remove(sink)


def test_fields_that_loguru_keeps_are_proven_where_they_are_bound(sent: Sent) -> None:
    """A bound field and one of the context leave with later messages; one that data made stays."""
    sink = loguru_logger.add(lambda _: None)
    bound = loguru_logger.bind(component="front_desk", client=NAME)
    with loguru_logger.contextualize(shift="night_shift", room=_data("6e696768745f7368696674")):
        bound.info("slot booked")
    assert _fields(sent.record) == {"component": "front_desk", "shift": "night_shift"}
    loguru_logger.info("slot booked", component=_data("66726f6e745f6465736b"))
    assert MARK not in sent.record.attributes
    loguru_logger.remove(sink)


class _Night:
    queue = "night_queue"
    shift = "late_shift"

    def __init__(self, told: str) -> None:
        self.cause = "road_closed"
        self.shift = told

    def log(self) -> None:
        slog = structlog.get_logger()
        slog.info("moved", queue=self.queue, cause=self.cause, shift=self.shift)


class _Stage(enum.StrEnum):
    TRIAGE = "triage desk"
    RECALL = enum.auto()


_BASE = {"unit": "front_office", "who": NAME}


def test_fields_of_attributes_and_mappings_are_proven(sent: Sent) -> None:
    """What a class gives its objects, a member of an enum, and what mappings hold that are passed on or merged."""
    for told in (NAME, _data("6c6174655f7368696674")):
        _Night(told).log()
        assert _fields(sent.record) == {"queue": "night_queue", "cause": "road_closed"}
    slog = structlog.get_logger()
    made = dict(yard="yard_two", who=NAME)  # noqa: C408 - the form under test
    made["gate"] = "gate_one"
    slog.info(
        "merged",
        stage=_Stage.TRIAGE,
        then=_Stage.RECALL,
        **{**_BASE, **made, "cause": "road_closed"} | {"reason": "no_show"},
    )
    told = {"unit": "front_office", "yard": "yard_two", "gate": "gate_one", "cause": "road_closed"}
    assert _fields(sent.record) == {**told, "stage": "triage desk", "then": "recall", "reason": "no_show"}


def _log_base(action: str, actor: str, outcome: str = "well_done") -> None:
    structlog.get_logger().info("merged", action=action, actor=actor, outcome=outcome, **_BASE)


def test_fields_that_the_call_or_the_module_gives_are_proven(sent: Sent) -> None:
    """A literal that a helper is passed is proven under its key, and a module's mapping wherever it's used."""
    _log_base("prune_tree", NAME)
    given = {"action": "prune_tree", "outcome": "well_done", "unit": "front_office"}
    assert _fields(sent.record) == given
    _log_base(_data("7072756e655f74726565"), "nobody_else", outcome=NAME)
    assert _fields(sent.record) == {"actor": "nobody_else", "unit": "front_office"}


def test_a_literal_in_a_call_within_extra_is_proven(sent: Sent) -> None:
    """What a call in a written-out dictionary returns as it is counts as in a call's own fields."""
    logging.getLogger("tests.extra").warning("moved", extra={"reason": sys.intern("road_closed"), "who": NAME})
    assert _fields(sent.record) == {"reason": "road_closed"}


def test_fields_of_an_adapter_are_proven_where_it_is_made(sent: Sent) -> None:
    """An adapter's literal leaves with each record; what data made of its fields stays."""
    structured.prove_adapters()
    made = logging.LoggerAdapter(logging.getLogger("tests.adapted"), {"unit": "front_desk", "who": NAME})
    equal = logging.LoggerAdapter(made.logger, {"unit": _data("66726f6e745f6465736b")})
    made.warning("slot booked")
    assert _fields(sent.record) == {"unit": "front_desk"}
    equal.warning("slot booked")
    assert MARK not in sent.record.attributes


def test_an_exception_that_was_never_raised_is_proven_where_it_is_logged(sent: Sent) -> None:
    """`exc_info=error` tells the text that the function made the error of; what data made of it stays."""
    log = logging.getLogger("tests.unraised")
    error = ValueError(f"no bed for {NAME}")
    log.warning("not raised", exc_info=error)
    assert sent.record.attributes["exception.message"] == "no bed for {NAME}"
    made = ValueError(NAME)
    log.warning("not raised", exc_info=made)
    assert sent.record.attributes.get("exception.message", "<redacted>") == "<redacted>"


def test_a_field_that_is_set_anew_stays(sent: Sent) -> None:
    """A key that the function also sets to data is no literal, also where the data equals it."""
    fields = {"reason": "no_show"}
    fields["reason"] = _data("6e6f5f73686f77")
    structlog.get_logger().info("moved", **fields)
    assert MARK not in sent.record.attributes


def test_what_python_json_logger_formats_arrives(sent: Sent) -> None:
    """A formatter that writes JSON elsewhere changes nothing: the template and the proven fields leave."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter("%(levelname)s %(message)s"))
    logger = logging.getLogger(f"{__name__}.json")
    logger.addHandler(handler)
    logger.warning("slot lost by %s", NAME, extra={"reason": "no_show", "client": NAME})
    logger.removeHandler(handler)
    record = sent.record
    assert json.loads(written.getvalue())["reason"] == "no_show"
    assert record.body == "slot lost by %s"
    assert record.attributes["reason"] == "no_show"
    assert NAME not in repr(record.attributes)
