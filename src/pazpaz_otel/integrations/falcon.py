"""Falcon: requests, with the URI templates of applications as evidence for routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring, exclude_urls, is_traced


def _routes(_: Any, wiring: Wiring) -> None:
    known: set[str] = set()
    wiring.guard.evidence.add_routes(lambda: tuple(known))

    def adding(original: Any) -> Callable[..., None]:
        def add_route(self: Any, uri_template: str, *args: Any, **kwargs: Any) -> None:
            original(self, uri_template, *args, **kwargs)
            # Falcon takes routes also while it serves.
            if not is_traced():
                known.add(uri_template)

        return add_route

    patches.install("falcon.add_route", adding)


LIBRARY: Final = Library(
    name="Falcon",
    package="falcon",
    late={"falcon": "falcon"},
    instrumentors={"falcon": partial(exclude_urls, "falcon", is_read=True)},
    watch={"falcon.app": _routes},
)
