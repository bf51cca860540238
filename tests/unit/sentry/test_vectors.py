"""The conformance vectors, as far as they have a say for the transport: attributes as tags, exceptions as raised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client_patches
from pazpaz_otel.sentry.event import EventFilter, Identity
from pazpaz_otel.sentry.transport import GuardedTransport
from tests import vectors

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.sentry.conftest import Kept

_POLICY = """
version: 1
extends: default
attributes:
  workspace.id: uuid
  appointment.cancel.reason: {enum: [client_request, therapist_cancelled, no_show]}
"""


def _vectors(surface: str) -> list[Any]:
    found = []
    for document in vectors.documents():
        if document["surface"] != surface:
            continue
        for vector in document["vectors"]:
            expected = vector["expect"].get("sentry", vector["expect"].get("all"))
            if expected in ("keep", "drop"):
                given = document.get("given", {})
                case = {"key": document.get("key"), "given": given, **vector, "expected": expected}
                found.append(pytest.param(case, id=vector["id"]))
    return found


@pytest.mark.parametrize("vector", _vectors("attribute"))
def test_a_tag_is_what_its_kind_admits(vector: dict[str, Any], kept: Kept, tmp_path: Path) -> None:
    """A value leaves as a tag exactly where the vector says that the transport keeps it."""
    (tmp_path / "policy.yaml").write_text(_POLICY)
    policy = load_policy(tmp_path / "policy.yaml")
    rules = {key: rule.kind for key, rule in policy.attributes.items()}
    given = vector["given"]
    evidence = Evidence(hosts=given.get("hosts", ()), identifiers=given.get("identifiers", ()))
    evidence.add_routes(lambda: given.get("routes", ()))
    guard = Guard(replace(policy, sentry=replace(policy.sentry, tags=rules)), evidence)
    client = sentry_sdk.get_client()
    client.transport = GuardedTransport(kept, EventFilter(guard, Identity()))
    sentry_sdk.set_tag(vector["key"], vector["input"])
    sentry_sdk.capture_message("x")
    expected = {vector["key"]: str(vector["input"])} if vector["expected"] == "keep" else {}
    assert kept.events[0]["tags"] == expected


@pytest.mark.parametrize("vector", _vectors("exception.message"))
def test_a_message_is_what_its_raise_proves(vector: dict[str, Any], kept: Kept) -> None:
    """An exception's message leaves exactly where the vector says that the transport keeps it."""
    messages = (vector["input"],) if vector.get("proven") else ()
    guard = Guard(replace(load_policy(), messages=messages), Evidence())
    client_patches.guard_clients(EventFilter(guard, Identity()))
    try:
        raise ValueError(vector["input"])
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    left = kept.events[0]["exception"]["values"][-1]["value"] == vector["input"]
    assert left == (vector["expected"] == "keep")
