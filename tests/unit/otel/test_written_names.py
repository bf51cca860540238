"""Names among a span's first attributes: proven by the statement that writes them, and by nothing else."""

from __future__ import annotations

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pazpaz_otel import patches
from pazpaz_otel.otel.processors import RedactingSpanProcessor
from pazpaz_otel.otel.text_writers import prove_at_the_source
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

QUEUES = {"a": "queue of a table", "b": "queue of another"}


def sent(*attributes: dict[str, object]) -> list[dict[str, object]]:
    """What leaves of spans that start with these attributes, in a function that has no text of its own."""
    exporter = InMemorySpanExporter()
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(exporter), Guard(load_policy(), Evidence())))
    for given in attributes:
        traces.get_tracer(__name__).start_span(attributes=given, name=__name__).end()
    return [dict(span.attributes or {}) for span in exporter.get_finished_spans()]


def test_a_literal_leaves():
    """A queue or a table that the running statement, or one that called it, names literally leaves."""
    (left,) = sent({"messaging.destination.name": "appointment reminders", "aws.dynamodb.table_names": ["visits"]})
    assert left == {"messaging.destination.name": "appointment reminders", "aws.dynamodb.table_names": ("visits",)}


def test_what_data_chose_or_made_stays():
    """A composed name, one from a table that data indexes and one from data don't leave, nor does a template."""
    person, code = "".join(sorted("dvora")), min(QUEUES)
    assert sent(
        {"messaging.destination.name": f"reminders of {person}"},
        {"messaging.destination.name": QUEUES[code]},
        {"messaging.destination.name": person + person},
    ) == [{}, {}, {}]


def set_later(*attributes: dict[str, object]) -> list[dict[str, object]]:
    """What leaves of spans on which these attributes are set while they run, one by one and together."""
    exporter = InMemorySpanExporter()
    traces = TracerProvider(shutdown_on_exit=False)
    guard = Guard(load_policy(), Evidence())
    traces.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(exporter), guard))
    with patches.restored():
        prove_at_the_source(guard)
        for given in attributes:
            span = traces.get_tracer(__name__).start_span(__name__)
            span.set_attributes(given)
            span.end()
            span = traces.get_tracer(__name__).start_span(__name__)
            for key, value in given.items():
                span.set_attribute(key, value)
            span.end()
    return [dict(span.attributes or {}) for span in exporter.get_finished_spans()]


def test_a_literal_that_is_set_later_leaves():
    """A literal leaves also where the span has started: a method, a routing key, a table."""
    person = "dvora"
    expected = {"rpc.method": "GetLaterChart", "aws.dynamodb.table_names": ("later visits",)}
    assert (
        set_later({"rpc.method": "GetLaterChart", "aws.dynamodb.table_names": ["later visits"], "note": person})
        == [expected] * 2
    )


def test_what_data_chose_or_made_and_is_set_later_stays():
    """A composed name and one from a table that data indexes stay, and so does a key that the policy doesn't name."""
    person, code = "".join(sorted("dvora")), min(QUEUES)
    assert (
        set_later({"rpc.method": f"of {person}"}, {"rpc.method": QUEUES[code]}, {"a key": "of the source"}) == [{}] * 6
    )
