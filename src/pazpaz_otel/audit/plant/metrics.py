"""Plant on metrics, of OpenTelemetry and of prometheus_client."""

from __future__ import annotations

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, Observation

from pazpaz_otel.audit.canaries import KEY_VARIANTS
from pazpaz_otel.audit.plant.registry import Surfaces, optional

METRICS = Surfaces("metric")
REGISTRY = Surfaces("prometheus_client")
meter = metrics.get_meter(__name__)
tracer = trace.get_tracer(__name__)
prometheus_client = optional("prometheus_client")


def _ascii(text: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "_.-/") else "_" for c in text)
    return f"m{kept}"[:200]


@METRICS("name", KEY_VARIANTS)
def _name(text: str) -> None:
    meter.create_counter(_ascii(text)).add(1)
    meter.create_histogram(f"client.{_ascii(text)}.visits").record(1)


@METRICS("description")
def _description(text: str) -> None:
    meter.create_counter(f"visits.{len(text)}", description=f"visits of {text}").add(1)
    meter.create_histogram("http.server.request.duration", unit="s", description=text).record(0.1)


@METRICS("unit", KEY_VARIANTS)
def _unit(text: str) -> None:
    unit = _ascii(text)[:60]
    meter.create_counter("units", unit=unit).add(1)
    meter.create_up_down_counter("http.server.active_requests", unit=unit).add(1)


@METRICS("attribute")
def _attribute(text: str) -> None:
    attributes = {
        "client": text,
        text: "client",
        "http.route": text,
        "http.request.method": text,
        "server.address": text,
    }
    meter.create_histogram("http.server.request.duration", unit="s").record(0.1, attributes)
    meter.create_counter("visits").add(1, attributes)
    meter.create_up_down_counter("http.server.active_requests", unit="{request}").add(0, attributes)


@METRICS("exemplar")
def _exemplar(text: str) -> None:
    with tracer.start_as_current_span("measured"):
        meter.create_histogram("http.server.request.duration", unit="s").record(0.2, {"client": text, text: 1})


@METRICS("value", ("plain",) * 13)
def _value(text: str) -> None:
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if len(digits) == 9:  # noqa: PLR2004 - an Israeli identity number
        meter.create_histogram("http.server.request.duration", unit="s").record(int(digits))
        meter.create_gauge("client.number").set(int(digits))
        meter.create_histogram("client.numbers").record(int(digits))


@METRICS("observable")
def _observable(text: str) -> None:
    def observe(_options: CallbackOptions) -> list[Observation]:
        return [Observation(1, {"client": text, text: 1, "server.address": text})]

    meter.create_observable_gauge(f"observed.{_ascii(text)}", callbacks=[observe], description=text)


@METRICS("scope", KEY_VARIANTS)
def _scope(text: str) -> None:
    metrics.get_meter(text).create_counter("scoped").add(1)
    other = metrics.get_meter(
        __name__, text, schema_url=f"https://{text}.example", attributes={"client": text, text: "client"}
    )
    other.create_counter("scoped").add(1)
    other.create_histogram("http.server.request.duration", unit="s").record(0.1)


def _registry(text: str) -> None:
    name = _ascii(text).replace(".", "_").replace("-", "_").replace("/", "_")
    prometheus_client.Counter(f"visits_{name}", f"Visits of {text}.", ["client"]).labels(text).inc()


if prometheus_client is not None:
    REGISTRY("registry", KEY_VARIANTS)(_registry)
