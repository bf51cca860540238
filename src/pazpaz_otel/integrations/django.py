"""Django: requests, with its resolver's patterns as evidence for routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.library import Library, Wiring, without_probes
from pazpaz_otel.redact import drops


def _when_served(wiring: Wiring) -> None:
    """Instrument Django once it builds its first handler.

    A project may say where its settings are in `wsgi.py` or `manage.py`; until then they must not be read, because the
    instrumentation would replace them with Django's defaults.
    """

    def instrumenting(original: Any) -> Callable[..., Any]:
        def load_middleware(self: Any, *args: Any, **kwargs: Any) -> Any:
            with drops.contained("other"):
                instrumentor = DjangoInstrumentor()
                if not instrumentor.is_instrumented_by_opentelemetry:
                    instrumentor.instrument(**without_probes("django", wiring))
            return original(self, *args, **kwargs)

        return load_middleware

    from opentelemetry.instrumentation.django import (  # type: ignore[import-not-found]  # noqa: PLC0415 - may be absent
        DjangoInstrumentor,
    )

    patches.install("django.handler", instrumenting)


def _resolver(module: Any, wiring: Wiring) -> None:
    # Read when a route is checked, because by then the settings and patterns are loaded.
    wiring.guard.evidence.add_routes(lambda: tuple(_patterns(module.get_resolver(), "")))


def _patterns(resolver: Any, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        part = str(pattern.pattern)
        # As Django joins them; the routers of REST framework make regular expressions.
        route = prefix + part.removeprefix("^") if prefix else part
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, route)
        else:
            # The instrumentation reports routes without the leading slash.
            yield from (route, f"/{route}")


def _models(module: Any, wiring: Wiring) -> None:
    def modules() -> set[str]:
        if not module.apps.models_ready:
            return set()
        bases = {base for model in module.apps.get_models() for base in model.__mro__}
        return {base.__module__ for base in bases if not base.__module__.startswith("django.db.")}

    wiring.guard.evidence.add_models(modules)


LIBRARY: Final = Library(
    name="Django",
    package="django",
    instrumentors={"django": _when_served},
    watch={"django.urls.resolvers": _resolver, "django.apps.registry": _models},
)
