"""aiohttp's server: requests, with an application's resources as evidence for routes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, exclude_urls, routes_of


def _resources(application: Any) -> Iterator[str]:
    return (resource.canonical for resource in application.router.resources())


LIBRARY: Final = Library(
    name="aiohttp server",
    package="aiohttp",
    late={"aiohttp-server": "aiohttp"},
    instrumentors={"aiohttp-server": partial(exclude_urls, "aiohttp_server", is_read=True)},
    watch={"aiohttp.web_app": routes_of("aiohttp.application", _resources)},
)
