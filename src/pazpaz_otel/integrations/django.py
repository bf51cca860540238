"""Django: requests, with its resolver's patterns as evidence for routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes

if TYPE_CHECKING:
    from collections.abc import Iterator


def _resolver(module: Any, wiring: Wiring) -> None:
    # Read when a route is checked, because by then the settings and patterns are loaded.
    wiring.guard.evidence.add_routes(lambda: tuple(_patterns(module.get_resolver(), "")))


def _patterns(resolver: Any, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, route)
        else:
            # The instrumentation reports routes without the leading slash.
            yield from (route, f"/{route}")


LIBRARY: Final = Library(
    name="Django",
    package="django",
    instrumentors={"django": as_it_comes},
    watch={"django.urls.resolvers": _resolver},
)
