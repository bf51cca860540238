"""The keys that the policy lets through: each gets values that it must not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, get_logger
from opentelemetry.metrics import Observation

from pazpaz_otel.audit.plant.registry import Surfaces
from pazpaz_otel.policy import KIND_TYPES

if TYPE_CHECKING:
    from pazpaz_otel.policy import AttributeRule, MetricRule, Policy


def policy_keys(policy: Policy) -> Surfaces:
    """Make a surface for every attribute that the policy names."""
    surfaces = Surfaces("policy")
    for rule in policy.attributes.values():
        # On a resource it would be the configuration's word; on an item it stands in no place of its own.
        if rule.fits("signal"):
            _plant(rule, surfaces)
    for metric in policy.metrics.values():
        _record(metric, surfaces)
    return surfaces


def _record(rule: MetricRule, surfaces: Surfaces) -> None:
    meter = metrics.get_meter(__name__)

    @surfaces(f"{rule.name}.value", ("plain",) * 13)
    def _value(text: str) -> None:
        if not text.isdigit():
            return
        if rule.type == "histogram":
            meter.create_histogram(rule.name, unit=rule.unit).record(int(text))
        elif rule.type == "gauge":
            meter.create_gauge(rule.name, unit=rule.unit).set(int(text))
        elif rule.type == "up_down_counter":
            meter.create_up_down_counter(rule.name, unit=rule.unit).add(int(text))
        elif rule.type == "counter":
            meter.create_counter(rule.name, unit=rule.unit).add(int(text))
        elif rule.type == "observable_gauge":
            meter.create_observable_gauge(rule.name, [lambda _: [Observation(int(text))]], unit=rule.unit)


def _plant(rule: AttributeRule, surfaces: Surfaces) -> None:
    key = rule.key
    tracer, meter = trace.get_tracer(__name__), metrics.get_meter(__name__)
    log, otel_log = logging.getLogger("practice.keys"), get_logger(__name__)
    kind_type = KIND_TYPES[rule.kind.name]
    # A patient's random UUID belongs to a kind of random values like anyone's; so does what its digits spell.
    unwanted = ("israeli_id", *(("patient_uuid",) if kind_type.chance else ()))
    forms = ("plain", "identifier", "percent", *(() if kind_type.chance else ("hex",)))

    @surfaces(key, forms, unwanted)
    def _text(text: str) -> None:
        with tracer.start_as_current_span("keys", attributes={key: text}) as span:
            span.add_event("note saved", {key: text})
            span.add_link(span.get_span_context(), {key: [text]})
            span.set_attribute(key, [text, text])
        with tracer.start_as_current_span("keys", attributes={key: text}):
            log.info("keys", extra={key: text})
            otel_log.emit(LogRecord(body="keys", attributes={key: text}))
            meter.create_histogram("http.server.request.duration", unit="s").record(0.1, {key: text})

    @surfaces(f"{key}.path", ("identifier",), unwanted)
    def _path(text: str) -> None:
        with tracer.start_as_current_span("keys", attributes={key: f"/clients/{text}"}):
            meter.create_up_down_counter("http.server.active_requests").add(0, {key: f"/clients/{text}"})

    @surfaces(f"{key}.number", ("plain",) * 13)
    def _number(text: str) -> None:
        if text.isdigit():
            with tracer.start_as_current_span("keys", attributes={key: int(text)}) as span:
                span.add_event("note saved", {key: int(text)})
            with tracer.start_as_current_span("keys", attributes={key: float(text)}):
                otel_log.emit(LogRecord(body="keys", attributes={key: text}))
