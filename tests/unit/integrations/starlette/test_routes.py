"""Which routes of an application are proven."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel.integrations.starlette import routes

if TYPE_CHECKING:
    import pytest

PROGRAM = Path(__file__).with_name("late_program.txt")


def test_a_route_that_stands_in_the_source_is_proven_whenever_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An application that is imported and built within a span has its routes; those made of a value aren't any."""
    shutil.copy(PROGRAM, tmp_path / "late_program.py")
    monkeypatch.syspath_prepend(tmp_path)
    routes.mark_late_routes()
    with TracerProvider(shutdown_on_exit=False).get_tracer("tests").start_as_current_span("start"):
        program = importlib.import_module("late_program")
        app = program.build()
        program.add(app, "dvora")
    del sys.modules["late_program"]
    found = set(routes.routes_of(app))
    assert {"/rooms/{room_id}/lamps", "/v2/rooms/{room_id}/lamps", "/doors"} <= found
    assert not any("dvora" in route for route in found)
