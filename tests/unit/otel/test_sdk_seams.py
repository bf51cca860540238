"""Private names that are read, or that hold what is replaced in one object: says what moved when one moves.

What is replaced in a class stands in the table of patches; `tests/unit/patches/test_table.py` iterates over that.
"""

from __future__ import annotations

import copy
import inspect

from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk._configuration import _initialize_components
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def test_a_provider_keeps_its_processors_where_they_were():
    """The processors behind which the guards stand are under the known names."""
    assert TracerProvider(shutdown_on_exit=False)._active_span_processor is not None
    assert LoggerProvider(shutdown_on_exit=False)._multi_log_record_processor is not None


def test_a_reader_collects_from_its_providers_consumer():
    """A reader's data comes from the method that is wrapped, and a provider's readers are under the known name."""
    reader = InMemoryMetricReader()
    consumer = MeterProvider([reader], shutdown_on_exit=False)._measurement_consumer
    assert list(consumer._reader_storages) == [reader]
    assert reader._collect == consumer.collect


def test_a_consumers_storages_are_replaced_and_never_changed():
    """A copy of a consumer keeps the storages it was made with, which hold their series under the known name."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    counter = provider.get_meter("m").create_up_down_counter("c")
    counter.add(1)
    consumer = provider._measurement_consumer
    copied = copy.copy(consumer)
    copied.remove_metric_reader(reader)
    assert (list(consumer._reader_storages), list(copied._reader_storages)) == ([reader], [])
    assert list(consumer._reader_storages[reader]._instrument_view_instrument_matches) == [counter]


def test_a_queue_says_whose_it_is():
    """The queue of a batching processor has its exporter, its signal and its items under the known names."""
    queue = BatchSpanProcessor(InMemorySpanExporter())._batch_processor
    assert (type(queue._exporter), queue._exporting, list(queue._queue)) == (InMemorySpanExporter, "Span", [])


def test_an_exporter_states_what_it_prefers():
    """A wrapped metric exporter's preferences are under the known names."""
    exporter = ConsoleMetricExporter()
    assert hasattr(exporter, "_preferred_temporality")
    assert hasattr(exporter, "_preferred_aggregation")


def test_the_configurator_takes_our_arguments():
    """The arguments given to the SDK's configurator are those that it takes."""
    taken = set(inspect.signature(_initialize_components).parameters)
    assert {"sampler", "resource_attributes", "export_span_processor", "export_log_record_processor"} <= taken


def test_the_fastapi_instrumentation_leaves_spans_out():
    """The FastAPI instrumentation takes what makes it lean."""
    taken = set(inspect.signature(FastAPIInstrumentor.instrument_app).parameters)
    assert {"exclude_spans", "excluded_urls"} <= taken


def test_a_batch_processors_queue_is_ended_by_its_flags():
    """What its own shutdown sets before and after the wait for its thread is under the known names."""
    queue = BatchSpanProcessor(InMemorySpanExporter(), schedule_delay_millis=600_000)._batch_processor
    queue._shutdown = True
    queue._worker_awaken.set()
    queue._worker_thread.join(30)
    assert not queue._worker_thread.is_alive()
    assert queue._shutdown_timeout_exceeded is False
    assert len(queue._queue) == 0
