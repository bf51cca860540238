"""SQLAlchemy 2.0 and 2.1: the same spans, though the stock instrumentation refuses the newer."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import APPS, Instrumented, attributes, completed, metric_names, spans
from tests.programs import HttpSink, wait_until
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

OLDER = "sqlalchemy[asyncio]>=2.0.44,<2.1"


def older() -> str:
    """The folder of SQLAlchemy 2.0, for the module search path."""
    [folder] = pypi_folder("sqlalchemy-2.0", (OLDER, "aiosqlite")).glob("lib/python*/site-packages")
    return str(folder)


@pytest.mark.slow
@pytest.mark.parametrize("release", ["2.0", "2.1"])
def test_statements_are_traced_without_their_values(tmp_path: Path, otlp_http_sink: HttpSink, release: str):
    """A query becomes one span, named by operation and database, its statement without values."""
    if release == "2.1" and not version("sqlalchemy").startswith("2.1"):
        pytest.skip("SQLAlchemy 2.1 isn't installed: pip install 'sqlalchemy>=2.1'")
    path = os.pathsep.join([older(), str(APPS)] if release == "2.0" else [str(APPS)])
    with Instrumented(tmp_path, otlp_http_sink, {"PYTHONPATH": path}) as clinic:
        assert clinic.call("/clients/1?name=Dvora")[1]["sqlalchemy"].startswith(release)
        wait_until(lambda: [span for span in spans(otlp_http_sink) if span.name.startswith("SELECT")], "the query")
    names = {span.name for span in spans(otlp_http_sink)}
    statements = [attributes(span) for span in spans(otlp_http_sink) if span.name.startswith("SELECT")]
    [select] = [found for found in statements if "clients" in found["db.query.text"]]
    assert select["db.query.text"] == "SELECT clients.id, clients.name FROM clients WHERE clients.name = ?"
    assert (select["db.system.name"], select["db.operation.name"]) == ("sqlite", "SELECT")
    assert "connect" not in names


@pytest.mark.parametrize("settings", [{}, {"PAZPAZ_OTEL_LEAN": "false"}], ids=["lean", "contrib"])
def test_listeners_of_the_application_are_called_once(tmp_path: Path, settings: dict[str, str]):
    """Each statement becomes one span, however it is executed; what SQLAlchemy itself asks a database becomes none."""
    with HttpSink() as sink:
        done = completed("statements.py", tmp_path, sink, settings, zero_code=False)
        found = spans(sink)
        metrics = metric_names(sink)
    *lines, events = done.splitlines()
    statements = sorted(span.name for span in found if span.name != "connect")
    assert statements == ["CREATE rooms", "DELETE rooms", "INSERT rooms", "SELECT", "SELECT nowhere", "SELECT rooms"]
    assert lines[0] == "by the listener"
    asked = [line for line in lines if line.endswith("select 1 as replaced")]
    assert asked == ["first select 1 as replaced", "replacing select 1 as replaced"]
    [failed] = [span for span in found if span.status.code == 2]
    assert attributes(failed)["db.response.status_code"] == "SQLITE_ERROR"
    assert attributes(failed)["error.type"] == "sqlite3.OperationalError"
    assert "db.client.connection.count" in metrics
    # Connections that dispatch events cost as much as the spans of their statements.
    assert events == f"events of connections: {bool(settings)}"
