"""Flask: requests, with an application's rules as evidence for routes."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring, as_it_comes

if TYPE_CHECKING:
    from collections.abc import Callable


def _applications(_: Any, wiring: Wiring) -> None:
    def registering(original: Any) -> Callable[..., None]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(self, *args, **kwargs)
            made = weakref.ref(self)
            wiring.guard.evidence.add_routes(lambda: _rules(made()))

        return __init__

    patches.install("flask.init", registering)


def _rules(application: Any) -> list[str]:
    return [str(rule.rule) for rule in application.url_map.iter_rules()] if application is not None else []


LIBRARY: Final = Library(
    name="Flask", package="flask", instrumentors={"flask": as_it_comes}, watch={"flask.app": _applications}
)
