"""A guard with what a small application would prove."""

from __future__ import annotations

import pytest

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

ROUTES = ("/clients/{client_id}", "/clients", "/ping")


@pytest.fixture
def evidence() -> Evidence:
    """An application with routes, a database, a host and a configuration."""
    evidence = Evidence(
        hosts=["api.pazpaz.example"],
        identifiers=["clients", "name", "id"],
        configured=["clinic", "pod1"],
        urls=["postgresql://app:secret@db.internal:5432/practice", "not a url ://["],
    )
    evidence.add_routes(lambda: ROUTES)
    evidence.add_database(name="practice", user="app_writer", host="db.internal")
    evidence.add_database(name="/srv/dvora/practice.db")
    return evidence


@pytest.fixture
def guard(evidence: Evidence) -> Guard:
    """The default policy, with that evidence."""
    return Guard(load_policy(), evidence)
