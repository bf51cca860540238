"""Pyramid: requests, with an application's patterns as evidence for routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, exclude_urls, routes_of


def _patterns(router: Any) -> Iterator[str]:
    mapper = router.routes_mapper
    return (route.pattern for route in (() if mapper is None else mapper.get_routes(include_static=True)))


LIBRARY: Final = Library(
    name="Pyramid",
    package="pyramid",
    late={"pyramid": "pyramid"},
    instrumentors={"pyramid": partial(exclude_urls, "pyramid")},
    watch={"pyramid.router": routes_of("pyramid.application", _patterns)},
)
