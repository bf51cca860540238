"""Which routes of an application are proven."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel.integrations.starlette import routes
from pazpaz_otel.redact.evidence import Evidence

if TYPE_CHECKING:
    import pytest

PROGRAM = Path(__file__).with_name("late_program.txt")


def test_a_route_that_stands_in_the_source_is_proven_whenever_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An application that is imported and built within a span has its routes; those made of a value aren't any."""
    shutil.copy(PROGRAM, tmp_path / "late_program.py")
    monkeypatch.syspath_prepend(tmp_path)
    # Not as the name itself: the modules of the tests are loaded, too.
    name, evidence = "maon"[::-1], Evidence()
    with TracerProvider(shutdown_on_exit=False).get_tracer("tests").start_as_current_span("start"):
        program = importlib.import_module("late_program")
        app = program.build()
        program.add(app, name)
    routes.register(app, evidence)
    written = {"/rooms/{room_id}/lamps", "/v2/rooms/{room_id}/lamps", "/doors"}
    made = set(routes.routes_of(app)) - written
    proven = {route for route in (*written, *made) if evidence.route(route)}
    del sys.modules["late_program"]
    assert proven >= written
    assert {route for route in made if name in route}
    assert not any(name in route for route in proven)
