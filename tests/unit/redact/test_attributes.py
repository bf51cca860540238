"""The typed allow-list, value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard

UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
ROUTE = "/clients/{client_id}"


def unwritten(*words: str) -> str:
    """A statement that stands in no source."""
    return " ".join(words)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"http.route": ROUTE}, {"http.route": ROUTE}),
        ({"http.route": "/clients/dvora"}, {}),
        ({"url.path": "/clients/dvora", "http.route": ROUTE}, {"url.path": ROUTE, "http.route": ROUTE}),
        ({"http.target": "/clients/dvora?name=x", "http.route": ROUTE}, {"http.target": ROUTE, "http.route": ROUTE}),
        ({"url.path": "/clients/dvora"}, {}),
        ({"url.query": "name=dvora"}, {}),
        ({"url.full": "https://app:pw@API.pazpaz.example/dvora?x#y"}, {"url.full": "https://api.pazpaz.example"}),
        ({"url.full": "https://dvora.example/"}, {}),
        ({"http.url": "http://localhost:8000/clients/dvora"}, {"http.url": "http://localhost:8000"}),
        ({"server.address": "db.internal"}, {"server.address": "db.internal"}),
        ({"server.address": "dvora-macbook"}, {}),
        ({"client.address": "127.0.0.1"}, {}),
        ({"http.response.status_code": 200}, {"http.response.status_code": 200}),
        ({"http.response.status_code": 200.0}, {}),
        ({"http.request.body.size": 305123456}, {}),
        ({"db.namespace": "/srv/dvora/notes.db"}, {"db.namespace": "notes.db"}),
        ({"db.operation.name": "SELECT practice"}, {"db.operation.name": "SELECT"}),
        ({"db.operation.name": unwritten("SELECT", "dvora")}, {"db.operation.name": "SELECT"}),
        ({"db.operation.name": "dvora"}, {}),
        ({"db.collection.name": "clients"}, {"db.collection.name": "clients"}),
        ({"db.collection.name": "dvora"}, {}),
        (
            {"db.system": "postgresql", "db.statement": unwritten("SELECT name FROM clients", "WHERE id = 7 -- dvora")},
            {"db.system": "postgresql", "db.statement": "SELECT name FROM clients WHERE id = ?"},
        ),
        ({"db.statement": unwritten("SELECT", "987")}, {}),
        ({"db.system": "redis", "db.statement": "SET dvora note"}, {"db.system": "redis", "db.statement": "SET ? ?"}),
        ({"db.system": "redis", "db.statement": "DVORA x"}, {"db.system": "redis"}),
        ({"error.type": "404"}, {"error.type": "404"}),
        ({"error.type": "305123456"}, {}),
        ({"error.type": "050-1234567"}, {}),
        ({"error.type": "404305123"}, {}),
        ({"error.type": "ValueError"}, {"error.type": "ValueError"}),
        ({"error.type": "DvoraError"}, {}),
        ({"exception.type": "JSONDecodeError"}, {"exception.type": "JSONDecodeError"}),
        ({"exception.type": "DvoraError"}, {}),
        ({"exception.type": "json.decoder.JSONDecodeError"}, {"exception.type": "json.decoder.JSONDecodeError"}),
        ({"workspace.id": UUID.upper()}, {"workspace.id": UUID}),
        ({"workspace.id": [UUID, UUID]}, {"workspace.id": (UUID, UUID)}),
        ({"workspace.id": [UUID, "dvora"]}, {}),
        ({"workspace.id": []}, {}),
        ({"workspace.id": {"dvora": UUID}}, {}),
        ({"workspace.id": UUID.encode()}, {}),
        ({"service.name": "clinic"}, {}),
        ({"rpc.service": "clinic"}, {"rpc.service": "clinic"}),
        ({"rpc.service": "dvora"}, {}),
        ({"note.dvora": "x"}, {}),
        ({7: UUID}, {}),
        ({"workspace.id": None}, {}),
    ],
)
def test_what_leaves(guard: Guard, attributes: dict[Any, Any], expected: dict[str, Any]):
    """A key that the policy names leaves with a value of its kind; the rest doesn't, and is counted."""
    kept, dropped = guard.attributes.clean(attributes, "span_attribute")
    assert kept == expected
    assert dropped == len(attributes) - len(expected)
    assert [type(value) for value in kept.values()] == [type(value) for value in expected.values()]


def test_an_attribute_stands_in_its_place_only(guard: Guard):
    """What belongs to a resource isn't taken on a span, nor a span's on a resource; both are counted."""
    attributes = {"service.name": "clinic", "http.request.method": "GET", "cpu.mode": "user"}
    assert guard.attributes.clean(attributes, "resource") == ({"service.name": "clinic"}, 2)
    assert guard.attributes.clean(attributes, "log_attribute") == ({"http.request.method": "GET"}, 2)
    assert guard.attributes.clean(attributes, "metric_attribute")[0] == {
        "http.request.method": "GET",
        "cpu.mode": "user",
    }


def test_a_remote_call_is_proven_by_its_descriptor(guard: Guard):
    """A service and its methods leave where the process has loaded their descriptor, and no other name does."""
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # noqa: F401 - loads the descriptor

    service = "opentelemetry.proto.collector.trace.v1.TraceService"
    known = {"rpc.service": service, "rpc.method": "Export"}
    assert guard.attributes.clean(known, "span_attribute") == (known, 0)
    whole = {"rpc.method": f"{service}/Export"}
    assert guard.attributes.clean(whole, "span_attribute") == (whole, 0)
    for unknown in ({"rpc.service": "clinic.Dvora"}, {"rpc.service": service, "rpc.method": "Dvora"}):
        assert "Dvora" not in str(guard.attributes.clean(unknown, "span_attribute")[0])


def test_a_value_remembered_under_one_key_is_refused_under_another(guard: Guard):
    """Each key has its own values, texts and integers alike, whichever key has the first one."""
    accepted = {"http.request.method": "GET", "http.request.body.size": 5000}
    assert guard.attributes.clean(accepted, "span_attribute")[0] == accepted
    elsewhere = {"db.system": "GET", "http.response.status_code": 5000}
    assert guard.attributes.clean(elsewhere, "span_attribute")[0] == {}


def test_a_value_remembered_is_not_taken_for_another_type(guard: Guard):
    """`True`, `1` and `1.0` are equal; each is judged by its own type."""
    assert guard.attributes.clean({"db.redis.database_index": 1}, "span_attribute")[0] == {"db.redis.database_index": 1}
    assert guard.attributes.clean({"db.redis.database_index": True}, "span_attribute")[0] == {}
    assert guard.attributes.clean({"http.response.status_code": 200}, "span_attribute")[1] == 0
    assert guard.attributes.clean({"http.response.status_code": 200.0}, "span_attribute")[1] == 1


class TwoFaced(str):
    """Shows one text to who compares it and another to who prints it."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("GET")

    def __str__(self) -> str:
        return "GET"


def test_a_text_with_two_faces_does_not_pass(guard: Guard):
    """A subclass of `str` can't be one text for the judge and another for the exporter."""
    kept, _ = guard.attributes.clean({"http.request.method": TwoFaced("dvora")}, "span_attribute")
    assert all(type(value) is str and "dvora" not in str.__str__(value) for value in kept.values())


def test_drops_are_counted_by_kind_only(guard: Guard):
    """The count names the surface and the reason, and nothing that was dropped."""
    before = drops.snapshot().get(("span_attribute", "unlisted_key"), 0)
    guard.attributes.clean({"dvora": 1, "mizrahi": 2}, "span_attribute")
    assert drops.snapshot()["span_attribute", "unlisted_key"] == before + 2
    assert "dvora" not in str(drops.snapshot())


def test_a_value_that_cannot_be_judged_takes_nothing_with_it(guard: Guard):
    """A value whose judge raises is dropped and counted; the others stay."""

    class Hostile(list[str]):
        def __len__(self) -> int:
            raise RuntimeError("dvora")

    kept, dropped = guard.attributes.clean({"workspace.id": Hostile(), "http.request.method": "GET"}, "span_attribute")
    assert kept == {"http.request.method": "GET"}
    assert dropped == 1


SECRETS = st.text(alphabet=st.characters(categories=["L", "Nd"]), min_size=12, max_size=40).map(lambda t: f"zq{t}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(secret=SECRETS, data=st.data())
def test_what_is_not_proven_never_leaves(guard: Guard, secret: str, data: st.DataObject):
    """A unique text, under any key, alone or in any structure, is in nothing that leaves; what leaves is stable."""
    key = data.draw(st.sampled_from([*guard.policy.attributes, secret]))
    value = data.draw(
        st.sampled_from(
            [
                secret,
                [secret],
                {secret: secret},
                f"/{secret}",
                f"SELECT '{secret}'",
                f"http://{secret}/",
                secret.encode(),
            ]
        )
    )
    noise = {"db.system": "postgresql", "http.route": ROUTE, "code.file.path": __file__}
    kept, _ = guard.attributes.clean({**noise, key: value}, "span_attribute")
    assert secret not in str(kept)
    again, dropped = guard.attributes.clean(kept, "span_attribute")
    assert (again, dropped) == (kept, 0)
