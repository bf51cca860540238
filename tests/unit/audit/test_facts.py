"""What left, as facts that can be compared."""

from __future__ import annotations

import pytest

from pazpaz_otel.audit.facts import in_braces


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("GET /patients/<name>", "GET /patients/{name}"),
        ("clients/<int:pk>/notes/<uuid:note>/", "clients/{pk}/notes/{note}/"),
        ("/patients/{name}", "/patients/{name}"),
    ],
)
def test_routes_of_any_framework_are_those_of_the_document(text: str, same: str) -> None:
    """Flask and Django write a route's parameters in angle brackets, and OpenAPI in braces."""
    assert in_braces(("span.name", "", text)) == ("span.name", "", same)
