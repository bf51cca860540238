"""Every application of the process, found when it builds its middleware or, built before, at its next request.

An application may be older than the telemetry: modules import `FastAPI` and make their application before `configure()`
is called. The class is what all of them have in common.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.imports import is_loading
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

_BUILT: Final = "_pazpaz_otel_built"

_before: dict[str, Callable[[Any], None]] = {}
_around: dict[str, Callable[[Any], AbstractContextManager[None]]] = {}
_after: dict[str, Callable[[Any, Any], None]] = {}
_arguments: Mapping[str, Any] | None = None


def before_build(name: str, step: Callable[[Any], None]) -> None:
    """Call `step` with every application that builds its middleware from now on; it replaces one of the same name."""
    _before[name] = step


def around_build(name: str, step: Callable[[Any], AbstractContextManager[None]]) -> None:
    """Let every application build its middleware within the context that `step` makes of it."""
    _around[name] = step


def after_build(name: str, step: Callable[[Any, Any], None]) -> None:
    """Call `step` with every application and the middleware stack that it has built."""
    _after[name] = step


def adopt(arguments: Mapping[str, Any]) -> None:
    """Instrument every FastAPI application that the instrumentation doesn't find, as it builds its middleware.

    The instrumentation puts a subclass in the place of `fastapi.FastAPI`, which modules that were imported earlier
    don't see.

    Args:
        arguments: of `FastAPIInstrumentor.instrument_app`.
    """
    global _arguments  # noqa: PLW0603 - one instrumentation a process
    _arguments = arguments


def watch(module: Any) -> None:
    """Find every application from now on; harmless when called again.

    Args:
        module: of the framework. Where it was loaded before, an application may be older than the telemetry, and is
            looked at with each of its requests.
    """
    is_older = not is_loading(module.__name__)
    for library in ("starlette", "fastapi"):
        patches.install(f"{library}.stack", _building)
    if is_older:
        patches.install("starlette.call", _calling)


def _building(original: Any) -> Callable[..., Any]:
    def build_middleware_stack(self: Any) -> Any:
        if _adopt(self):
            return self.build_middleware_stack()
        _each(_before, self)
        with ExitStack() as around:
            for step in _around.values():
                around.enter_context(step(self))
            stack = original(self)
        self.__dict__[_BUILT] = tuple(_after)
        _each(_after, self, stack)
        return stack

    return build_middleware_stack


def _calling(original: Any) -> Callable[..., Any]:
    async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> None:  # noqa: N807 - ASGI servers look for it
        if self.middleware_stack is not None and self.__dict__.get(_BUILT) != tuple(_after):
            # Built before the telemetry was there: built again, with it.
            self.middleware_stack = None
        await original(self, scope, receive, send)

    return __call__


def _adopt(application: Any) -> bool:
    """Instrument an application that isn't; false where there is nothing to do."""
    if _arguments is None or getattr(application, "_is_instrumented_by_opentelemetry", False):
        return False
    from fastapi import applications  # noqa: PLC0415 - the application may have no such framework
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415

    if not isinstance(application, applications.FastAPI):
        return False
    FastAPIInstrumentor.instrument_app(application, **_arguments)
    return True


def _each(steps: Mapping[str, Callable[..., None]], *arguments: Any) -> None:
    for step in steps.values():
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("other", error)
