"""A guard with what a small application would prove, and a handler that collects templates."""

from __future__ import annotations

import logging

import pytest

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

ROUTES = ("/clients/{client_id}", "/clients", "/ping")


class Templates(logging.Handler):
    """Collect what the records of a logger prove."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str | None] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Add the template of a record."""
        self.told.append(log_templates.template_of(record))


@pytest.fixture
def evidence() -> Evidence:
    """An application with routes, a database, a host and a configuration."""
    evidence = Evidence(
        hosts=["api.pazpaz.example"],
        identifiers=["clients", "name", "id"],
        configured=["clinic", "pod1"],
        urls=["postgresql://app_writer:secret@db.internal:5432/practice", "sqlite:////srv/clinic/notes.db", "x ://["],
    )
    evidence.add_routes(lambda: ROUTES)
    return evidence


@pytest.fixture
def guard(evidence: Evidence) -> Guard:
    """The default policy, with that evidence."""
    return Guard(load_policy(), evidence)
