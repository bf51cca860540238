"""Flask: requests, with an application's rules as evidence for routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, routes_of, without_probes


def _rules(application: Any) -> Iterator[str]:
    return (str(rule.rule) for rule in application.url_map.iter_rules())


LIBRARY: Final = Library(
    name="Flask",
    package="flask",
    instrumentors={"flask": partial(without_probes, "flask")},
    watch={"flask.app": routes_of("flask.init", _rules)},
)
