"""The definition of an integration."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.util.http import parse_excluded_urls

from pazpaz_otel import patches
from pazpaz_otel.health.checks import HEALTH_PATHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pazpaz_otel.redact.guards import Guard

_API: Final = "/api/v1"
# An application may include the health router below its own prefix.
_PROBED: Final = sorted(
    {"/metrics", *(prefix + path.removeprefix(_API) for prefix in ("", _API) for path in HEALTH_PATHS)}
)
PATTERN: Final = rf"^(?:\w+://[^/]+)?({'|'.join(_PROBED)})/?(\?.*)?$"
"""In the format of `OTEL_PYTHON_EXCLUDED_URLS`; some instrumentations look for it in the path alone."""
PATHS: Final = frozenset(path + slash for path in _PROBED for slash in ("", "/"))


@dataclass(frozen=True, slots=True)
class Wiring:
    """What an integration receives when it starts.

    Attributes:
        guard: takes the library's evidence: routes, databases, names.
        lean: whether to leave out spans and measurements that nobody reads.
        excluded_urls: for each framework, the user's patterns of URLs that are neither traced nor counted.
    """

    guard: Guard
    lean: bool = True
    excluded_urls: Mapping[str, str] = field(default_factory=dict)


def as_it_comes(_: Wiring) -> Mapping[str, Any]:
    """Prepare nothing, and pass no arguments to the instrumentation."""
    return {}


def without_probes(framework: str, wiring: Wiring) -> dict[str, Any]:
    """Return a web framework's argument that excludes the user's URLs, probes and scrapes."""
    return {"excluded_urls": ",".join(filter(None, (wiring.excluded_urls.get(framework), PATTERN)))}


def exclude_urls(framework: str, wiring: Wiring, *, is_read: bool = False) -> dict[str, Any]:
    """Give an instrumentation that takes no argument for it the same exclusions; return no arguments.

    Args:
        framework: as in `WEB_FRAMEWORKS`; the row of the table of patches begins with it.
        wiring: has the user's.
        is_read: the row is the function that reads them, not what it returned.
    """
    excluded = parse_excluded_urls(without_probes(framework, wiring)["excluded_urls"])
    patches.install(f"{framework}.excluded_urls", lambda _: (lambda _: excluded) if is_read else excluded)
    return {}


def is_traced() -> bool:
    """Return whether a span is current: what is registered now may hold a request's data."""
    return trace.get_current_span().get_span_context().is_valid


def routes_of(patch: str, routes: Callable[[Any], Iterable[str]]) -> Callable[[Any, Wiring], None]:
    """Return what to do once a web framework is loaded: take every application's routes as evidence.

    One that is made while something is traced may be made of a request's data, so it gives none.

    Args:
        patch: the row of the table of patches for what makes an application.
        routes: returns the templates that an application has now.
    """

    def watch(_: Any, wiring: Wiring) -> None:
        def registering(original: Any) -> Callable[..., None]:
            def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
                original(self, *args, **kwargs)
                if is_traced():
                    return
                made = weakref.ref(self)
                wiring.guard.evidence.add_routes(lambda: () if (known := made()) is None else routes(known))

            return __init__

        patches.install(patch, registering)

    return watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A library that this distribution supports.

    Attributes:
        name: its common name, for `doctor` and the documentation.
        package: the module that exists if the library is installed.
        instrumentors: for each instrumentation (entry point of the group `opentelemetry_instrumentor`), the function to
            call before it starts. It returns the instrumentation's arguments, or `None` if the integration replaces it
            and it must not start.
        started: called after an instrumentation has started.
        late: the instrumentations that start only when the application imports a module, with that module; this works
            if what they replace is looked up after that import, and spares other applications the import.
        standard: the instrumentations that this distribution depends on; they start with any version of the library.
        watch: for each module of the library, what to do once it is loaded: collect evidence, or instrument a library
            that has no instrumentation.
        errors: for each module of the library, what to do once it is loaded if the process has a guarded Sentry client:
            capture errors that the library swallows, or that no other hook sees in their context.
    """

    name: str
    package: str
    instrumentors: Mapping[str, Callable[[Wiring], Mapping[str, Any] | None]] = field(default_factory=dict)
    standard: tuple[str, ...] = ()
    started: Callable[[Wiring], None] | None = None
    late: Mapping[str, str] = field(default_factory=dict)
    watch: Mapping[str, Callable[[Any, Wiring], object]] = field(default_factory=dict)
    errors: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)


def known(excluded: Any) -> Any:
    """Return `PATHS` if a list of excluded URLs has only the probes, else the list itself.

    Looking up a path takes a fiftieth of the time of building the URL and searching it.
    """
    return PATHS if tuple(getattr(excluded, "_excluded_urls", None) or ()) == (PATTERN,) else excluded
