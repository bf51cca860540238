"""What an integration says of its library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pazpaz_otel.redact.guards import Guard


@dataclass(frozen=True, slots=True)
class Wiring:
    """What an integration is given when it starts.

    Attributes:
        guard: takes the evidence that the library has: routes, databases, names.
        lean: whether to leave out spans and measurements that nobody reads.
        excluded_urls: the user's patterns of URLs that are neither traced nor counted, by comma.
    """

    guard: Guard
    lean: bool = True
    excluded_urls: str = ""


def as_it_comes(_: Wiring) -> Mapping[str, Any]:
    """Prepare nothing and give the instrumentation no arguments."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One library that this distribution knows.

    Attributes:
        name: as people call it; `doctor` and the documentation show it.
        package: the module whose presence says that the library is installed.
        instrumentors: by the name of the entry point (group `opentelemetry_instrumentor`) of each instrumentation of
            the library, what is called before it starts; it returns arguments for the instrumentation, or `None` where
            that isn't to start because the integration does its work.
        started: called after an instrumentation has started.
        late: whether the instrumentations start when the application imports the library, as what they replace is found
            at each call. An application that never does is spared the library.
        standard: the names of those that are dependencies of this distribution; `configure()` starts them.
        watch: for each module of the library, what is done as soon as it is loaded: evidence is taken, and a library
            without an instrumentation of its own is instrumented.
        errors: for each module of the library, what is done as soon as it is loaded where the process has a guarded
            Sentry client: errors are captured that the library swallows, or in whose context nothing else looks.
    """

    name: str
    package: str
    instrumentors: Mapping[str, Callable[[Wiring], Mapping[str, Any] | None]] = field(default_factory=dict)
    standard: tuple[str, ...] = ()
    started: Callable[[Wiring], None] | None = None
    late: bool = False
    watch: Mapping[str, Callable[[Any, Wiring], None]] = field(default_factory=dict)
    errors: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)
