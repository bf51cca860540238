"""Plant values that must not leave under the keys and in the metrics that the policy allows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, get_logger
from opentelemetry.metrics import Observation

from pazpaz_otel.audit.plant.registry import Surfaces
from pazpaz_otel.policy import KIND_TYPES

if TYPE_CHECKING:
    from pazpaz_otel.policy import AttributeRule, MetricRule, Policy

_MEASURE: Final = {"histogram": "record", "gauge": "set", "counter": "add", "up_down_counter": "add"}
"""The method that takes a measurement, for each type of synchronous instrument."""


def policy_keys(policy: Policy) -> Surfaces:
    """Return surfaces for every attribute and metric that the policy names."""
    surfaces = Surfaces("policy")
    for rule in policy.attributes.values():
        # Resource attributes hold configuration, not data.
        if rule.fits("signal"):
            _plant(rule, surfaces)
    for metric in policy.metrics.values():
        _record(metric, surfaces)
    return surfaces


def _record(rule: MetricRule, surfaces: Surfaces) -> None:
    create = getattr(metrics.get_meter(__name__), f"create_{rule.type}")

    @surfaces(f"{rule.name}.value", ("plain",) * 13)
    def _value(text: str) -> None:
        if not text.isdigit():
            return
        if rule.type in _MEASURE:
            getattr(create(rule.name, unit=rule.unit), _MEASURE[rule.type])(int(text))
        else:
            create(rule.name, [lambda _: [Observation(int(text))]], unit=rule.unit)


def _plant(rule: AttributeRule, surfaces: Surfaces) -> None:
    key = rule.key
    tracer, meter = trace.get_tracer(__name__), metrics.get_meter(__name__)
    log, otel_log = logging.getLogger("practice.keys"), get_logger(__name__)
    kind_type = KIND_TYPES[rule.kind.name]
    # In a kind of random values, a patient's UUID can't be told from any other, and hexadecimal text may look random.
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
