"""ASGI frameworks that have no instrumentation: contrib's middleware for any application, told each request's route."""

from __future__ import annotations

import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from opentelemetry.util.http import parse_excluded_urls, sanitize_method

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Wiring, is_traced, without_probes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    TemplateOf = Callable[[Any, dict[str, Any]], str]
    Routes = Callable[[Any], Iterable[str]]


def traced(framework: str, handler: str, template_of: TemplateOf, routes: Routes) -> Callable[[Any, Wiring], None]:
    """Return what to do once a framework is loaded: trace every application, and take its routes as evidence.

    Args:
        framework: as in `WEB_FRAMEWORKS`; the row of the table of patches for what makes an application begins with it.
        handler: the attribute with the ASGI application that serves an application's requests.
        template_of: returns the template of the route that a scope matches, or raises if there is none.
        routes: returns the templates that an application has now.
    """

    def watch(_: Any, wiring: Wiring) -> None:
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415 - slow to import

        excluded = parse_excluded_urls(without_probes(framework, wiring)["excluded_urls"])

        def tracing(original: Any) -> Callable[..., None]:
            def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
                original(self, *args, **kwargs)
                details = partial(_details, template_of, self)
                middleware: Any = OpenTelemetryMiddleware(
                    getattr(self, handler),
                    excluded_urls=excluded,
                    default_span_details=details,
                    exclude_spans=["send", "receive"],
                )
                setattr(self, handler, middleware)
                # An application made while something is traced may be made of a request's data.
                if not is_traced():
                    middleware.routes = partial(routes, self)
                    wiring.guard.evidence.add_routes(partial(_routes, weakref.ref(middleware)))

            return __init__

        patches.install(f"{framework}.application", tracing)

    return watch


def _routes(middleware: Callable[[], Any]) -> Iterable[str]:
    # An application may have no weak references; its middleware lives as long.
    known = middleware()
    return () if known is None else known.routes()


def _details(template_of: TemplateOf, application: Any, scope: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    method = sanitize_method(scope.get("method", "").strip())
    name = "HTTP" if method in {"", "_OTHER"} else method
    # Without a route, a framework raises an exception of its own.
    with suppress(Exception):
        template = template_of(application, scope)
        return f"{name} {template}", {"http.route": template}
    return name, {}
