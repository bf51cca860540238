"""What a driver's error says on the span of its statement, where no other library traces it."""

from __future__ import annotations

import sqlite3

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pazpaz_otel import patches
from pazpaz_otel.otel.processors import RedactingSpanProcessor
from pazpaz_otel.otel.text_writers import prove_at_the_source
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

STATEMENT = "SELECT label FROM rooms"  # its names are the source's


class UniqueViolationError(Exception):
    """A driver's error, as asyncpg and psycopg make them."""

    sqlstate = "23505"

    def __init__(self, constraint: str) -> None:
        super().__init__("refused")
        self.constraint_name = constraint


@pytest.mark.parametrize(
    ("constraint", "leaves"),
    [("uq_rooms_label", "uq_rooms_label"), ("rooms_label_key", "rooms_label_key"), ("uq_dvora_levinson", None)],
)
def test_a_failed_statement_has_its_class_code_and_constraint(constraint: str, leaves: str | None) -> None:
    """The constraint's name leaves if the source or a convention over its names has it."""
    told = _failed({"db.system": "postgresql"}, UniqueViolationError(constraint))
    assert told == {
        "db.system": "postgresql",
        "error.type": f"{__name__}.UniqueViolationError",
        "db.response.status_code": "23505",
        **({"db.constraint.name": leaves} if leaves else {}),
    }


def test_sqlite_says_the_name_of_its_code() -> None:
    """SQLite has names in the place of SQLSTATEs."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE rooms (label TEXT UNIQUE)")
    database.execute(STATEMENT)
    try:
        database.execute("INSERT INTO rooms VALUES ('a'), ('a')")
    except sqlite3.IntegrityError as error:
        told = _failed({"db.system": "sqlite"}, error)
    database.close()
    assert told["db.response.status_code"] == "SQLITE_CONSTRAINT_UNIQUE"
    assert told["error.type"] == "sqlite3.IntegrityError"


def test_a_span_of_no_statement_is_left_alone() -> None:
    """Other spans get nothing of an error's code."""
    assert _failed({"http.request.method": "GET"}, UniqueViolationError("rooms_label_key")) == {
        "http.request.method": "GET"
    }


def _failed(attributes: dict[str, str], error: BaseException) -> dict[str, object]:
    exporter, guard = InMemorySpanExporter(), Guard(load_policy(), Evidence())
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(exporter), guard))
    with patches.restored():
        prove_at_the_source(guard)
        with traces.get_tracer(__name__).start_as_current_span("statement", attributes=attributes) as span:
            span.record_exception(error)
    [span] = exporter.get_finished_spans()
    return dict(span.attributes or {})
