"""What the terminal says of an audit."""

from __future__ import annotations

import pytest

from pazpaz_otel.audit.report import Leak, Report, render


@pytest.mark.parametrize(
    ("statuses", "told"),
    [({"500": 3}, True), ({"422": 1, "503": 3}, True), ({"200": 1, "500": 3}, False), ({"401": 3}, False), ({}, False)],
)
def test_a_route_that_always_failed_is_told(statuses: dict[str, int], told: bool):
    """Without its database each answer of a route is a 500, and the audit hasn't seen it succeed."""
    row = {"route": "POST /clients", "reached": True, "statuses": statuses, "planted": None}
    text = render(Report(1, ("app.path",), 3, (), {"otlp/http": 9}, routes=(row,)))
    assert ("never succeeded" in text) is told


def test_a_group_of_leaks_names_what_kinds_of_data_left():
    """The first categories are named, and that there are more, not one of them for all."""
    leaks = tuple(Leak("app.path", "stdout", category, "plain", "x") for category in ("phone", "email", "url", "email"))
    text = render(Report(1, ("app.path",), 4, leaks, {"stdout": 9}))
    assert "LEAK  planted on app (app.path), found in stdout: 4 (email, phone, url)" in text
    text = render(
        Report(1, ("app.path",), 5, (*leaks, Leak("app.path", "stdout", "address", "plain", "x")), {"stdout": 9})
    )
    assert "found in stdout: 5 (address, email, phone, …)" in text
