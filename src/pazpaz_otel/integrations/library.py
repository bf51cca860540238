"""The definition of an integration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pazpaz_otel.redact.guards import Guard


@dataclass(frozen=True, slots=True)
class Wiring:
    """What an integration receives when it starts.

    Attributes:
        guard: takes the library's evidence: routes, databases, names.
        lean: whether to leave out spans and measurements that nobody reads.
        excluded_urls: the user's patterns of URLs that are neither traced nor counted, separated by commas.
    """

    guard: Guard
    lean: bool = True
    excluded_urls: str = ""


def as_it_comes(_: Wiring) -> Mapping[str, Any]:
    """Prepare nothing, and pass no arguments to the instrumentation."""
    return {}


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
        late: whether instrumentations start only when the application imports the library; this works if what they
            replace is looked up at each call, and spares other applications the import.
        standard: the instrumentations that this distribution depends on; `configure()` starts them.
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
    late: bool = False
    watch: Mapping[str, Callable[[Any, Wiring], None]] = field(default_factory=dict)
    errors: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)
