"""The SDK's and the instrumentations' private names that the wiring stands on: says what moved when one moves."""

from __future__ import annotations

import inspect

import pytest
from fastapi.applications import FastAPI
from fastapi.routing import APIRoute
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk._configuration import _initialize_components, _OTelSDKConfigurator
from opentelemetry.sdk._logs import Logger, LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, InMemoryMetricReader, MetricReader
from opentelemetry.sdk.trace import Span, SpanProcessor, Tracer, TracerProvider
from starlette.applications import Starlette

METHODS = [
    (TracerProvider, "__init__"),
    (TracerProvider, "get_tracer"),
    (LoggerProvider, "get_logger"),
    (MeterProvider, "get_meter"),
    (MetricReader, "_set_collect_callback"),
    (SynchronousMeasurementConsumer, "consume_measurement"),
    (SpanProcessor, "_on_ending"),
    (Tracer, "start_span"),
    *((Span, name) for name in ("add_event", "update_name", "set_status", "record_exception", "_readable_span")),
    (Logger, "emit"),
    (_OTelSDKConfigurator, "_configure"),
    (APIRoute, "handle"),
    (FastAPI, "build_middleware_stack"),
    (Starlette, "build_middleware_stack"),
]


@pytest.mark.parametrize(("cls", "name"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_a_method_is_where_it_was(cls: type, name: str):
    """Each method that is wrapped is there; a missing one means that the SDK moved it: see `otel/`."""
    assert callable(getattr(cls, name, None)), f"{cls.__module__}.{cls.__qualname__}.{name} moved"


def test_a_provider_keeps_its_processors_where_they_were():
    """The processors behind which the guards stand are under the known names."""
    assert TracerProvider(shutdown_on_exit=False)._active_span_processor is not None
    assert LoggerProvider(shutdown_on_exit=False)._multi_log_record_processor is not None


def test_a_reader_collects_through_its_callback():
    """A reader's data comes from the callback that is wrapped."""
    reader = InMemoryMetricReader()
    reader._set_collect_callback(lambda *_, **__: None)
    assert reader.get_metrics_data() is None


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
