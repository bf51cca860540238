"""The conformance vectors, against the shipped Collector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from tests import vectors
from tests.programs import GrpcSink, HttpSink, wait_until
from tests.programs.stack import TOKEN, WallCollector
from tests.stack import surfaces
from tests.stack.otlp import post

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SENDERS = ("guarded", "strict")


def _vectors() -> Iterator[dict[str, Any]]:
    for content in vectors.documents():
        for vector in content["vectors"]:
            beside = vector.get("with", content.get("with", {}))
            yield {**content, **vector, "with": beside, "vectors": None}


VECTORS = list(_vectors())
PATHS = {"traces": "/v1/traces", "logs": "/v1/logs", "metrics": "/v1/metrics"}


class Sent:
    """Every vector, sent to both receivers, and what came out of it."""

    def __init__(self, collector: WallCollector, tempo: GrpcSink, loki: HttpSink) -> None:
        self._collector, self._tempo, self._loki = collector, tempo, loki
        for number, vector in enumerate(VECTORS):
            for sender in SENDERS:
                signal, request = _request(vector, _mark(number, sender))
                base = collector.guarded_http if sender == "guarded" else collector.strict_http
                token = TOKEN if sender == "guarded" else None
                assert post(base + PATHS[signal], request.SerializeToString(), token) == 200
        wait_until(self._complete, "the last items", 30)
        self.exposed = collector.exposed()

    def item(self, number: int, sender: str) -> Any:
        """The span or log record of a vector."""
        return self._items().get(_mark(number, sender))

    def scope(self, number: int, sender: str) -> str:
        """The name of the scope around a vector's span."""
        for one in self._tempo.received:
            for group in one.message.resource_spans:
                for scoped in group.scope_spans:
                    if any(span.trace_id == _mark(number, sender) for span in scoped.spans):
                        return str(scoped.scope.name)
        raise AssertionError("the span didn't arrive")

    def _items(self) -> dict[bytes, Any]:
        items: dict[bytes, Any] = {}
        for one in self._tempo.received:
            for group in one.message.resource_spans:
                items.update({span.trace_id: span for scoped in group.scope_spans for span in scoped.spans})
        for one in self._loki.received:
            for group in one.message.resource_logs:
                items.update({rec.trace_id: rec for scoped in group.scope_logs for rec in scoped.log_records})
        return items

    def _complete(self) -> bool:
        expected = sum(not vector["surface"].startswith("metric") for vector in VECTORS) * len(SENDERS)
        return len(self._items()) == expected


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """All vectors through one Collector."""
    with GrpcSink() as tempo, HttpSink() as loki:
        folder = tmp_path_factory.mktemp("vectors")
        with WallCollector(folder, traces_to=tempo.endpoint, logs_to=loki.endpoint) as collector:
            yield Sent(collector, tempo, loki)


CASES = [
    pytest.param(number, sender, expected, id=f"{vector['id']}-{sender}")
    for number, vector in enumerate(VECTORS)
    for sender in SENDERS
    if (expected := vector["expect"].get(f"collector_{sender}", vector["expect"].get("all", "skip"))) != "skip"
]


@pytest.mark.parametrize(("number", "sender", "expected"), CASES)
def test_vector(number: int, sender: str, expected: str, sent: Sent) -> None:
    """The Collector makes of the value what the vector says of this kind of sender."""
    vector = VECTORS[number]
    surface, value = vector["surface"], vector["input"]
    if surface.startswith("metric"):
        assert _in_metrics(vector, _workspace(number, sender), sent.exposed) is (expected == "keep")
        return
    item = sent.item(number, sender)
    assert item is not None
    if surface == "scope.name":
        assert (sent.scope(number, sender) == value) is (expected == "keep")
        return
    there = _there(vector, item)
    if expected == "keep":
        assert there is not None
        assert type(there) is type(value)
        assert there == value
    else:
        assert there is None or (surface != "attribute" and there != value)
        if isinstance(value, str) and len(value) > 4:
            assert value.encode() not in item.SerializeToString()


def _request(vector: dict[str, Any], mark: bytes) -> tuple[str, Any]:
    surface, value = vector["surface"], vector["input"]
    if surface.startswith("metric"):
        return "metrics", _metrics(vector, mark)
    if surface == "log.body":
        logs = surfaces.logs()
        record = logs.resource_logs[0].scope_logs[0].log_records[0]
        record.trace_id = mark
        record.body.CopyFrom(_any(value))
        return "logs", logs
    traces = surfaces.traces()
    scoped = traces.resource_spans[0].scope_spans[0]
    span = scoped.spans[0]
    span.trace_id = mark
    del span.attributes[:]
    if surface == "attribute":
        span.attributes.extend(surfaces.key_values({k: v for k, v in vector["with"].items() if k != vector["key"]}))
        span.attributes.add(key=vector["key"]).value.CopyFrom(_any(value))
    elif surface == "span.name":
        span.name = value
    elif surface == "event.name":
        span.events[0].name = value
    elif surface == "span.status":
        span.status.message = value
    elif surface == "exception.message":
        span.events[0].attributes.extend(surfaces.key_values({"exception.message": value}))
    elif surface == "scope.name":
        scoped.scope.name = value
    else:
        raise AssertionError(f"{vector['id']}: a surface that this test doesn't know")
    return "traces", traces


def _metrics(vector: dict[str, Any], mark: bytes) -> Any:
    request = surfaces.metrics()
    scoped = request.resource_metrics[0].scope_metrics[0]
    del scoped.metrics[1:]
    metric = scoped.metrics[0]
    point = metric.sum.data_points[0]
    del point.attributes[:]
    point.attributes.extend(surfaces.key_values({"workspace.id": _as_uuid(mark)}))
    if vector["surface"] == "metric.name":
        metric.name = vector["input"]
    else:
        metric.name = vector["metric"]
        point.attributes.add(key=vector["key"]).value.CopyFrom(_any(vector["input"]))
    return request


def _in_metrics(vector: dict[str, Any], workspace: str, exposed: str) -> bool:
    rows = [line for line in exposed.splitlines() if workspace in line]
    if vector["surface"] == "metric.name":
        return bool(rows)
    assert rows, "the count is lost"
    return any(f'="{vector["input"]}"' in row for row in rows)


def _there(vector: dict[str, Any], item: Any) -> Any:
    surface = vector["surface"]
    if surface == "attribute":
        return _attributes(item).get(vector["key"])
    if surface == "exception.message":
        # An attribute: where it goes, its key goes, too.
        return _attributes(item.events[0]).get("exception.message")
    if surface == "log.body":
        return _value(item.body)
    return {"span.name": item.name, "event.name": item.events[0].name, "span.status": item.status.message}[surface]


def _attributes(holder: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in holder.attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)


def _any(value: Any) -> AnyValue:
    made = AnyValue()
    if isinstance(value, dict):
        made.kvlist_value.SetInParent()
        for key, inner in value.items():
            made.kvlist_value.values.add(key=key).value.CopyFrom(_any(inner))
    elif isinstance(value, list):
        made.array_value.values.extend(_any(inner) for inner in value)
    else:
        field = {bool: "bool_value", int: "int_value", float: "double_value", bytes: "bytes_value", str: "string_value"}
        setattr(made, field[type(value)], value)
    return made


def _mark(number: int, sender: str) -> bytes:
    return bytes.fromhex(f"{number + 1:08x}{SENDERS.index(sender):04x}4b639d1c6a1f2b3c4d5e"[:32].ljust(32, "0"))


def _as_uuid(mark: bytes) -> str:
    text = mark.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _workspace(number: int, sender: str) -> str:
    return _as_uuid(_mark(number, sender))
