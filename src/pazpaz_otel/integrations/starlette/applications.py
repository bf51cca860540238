"""Find every application of the process when it builds its middleware or, if already built, at its next request.

An application may be older than the telemetry: modules import `FastAPI` and create their application before
`configure()` is called. What all applications have in common is the class.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.imports import is_loading
from pazpaz_otel.integrations.starlette.requests import put_outermost
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

_BUILT: Final = "_pazpaz_otel_built"

_around: dict[str, Callable[[Any], AbstractContextManager[None]]] = {}
_after: dict[str, Callable[[Any, Any], None]] = {}
_arguments: Mapping[str, Any] | None = None


def around_build(name: str, step: Callable[[Any], AbstractContextManager[None]]) -> None:
    """Let every application build its middleware inside the context that `step` returns for it."""
    _around[name] = step


def after_build(name: str, step: Callable[[Any, Any], None]) -> None:
    """Call `step` with every application and its built middleware stack; replace any step of the same name."""
    _after[name] = step


def adopt(arguments: Mapping[str, Any]) -> None:
    """Instrument every FastAPI application that the instrumentation misses, when it builds its middleware.

    The instrumentation replaces `fastapi.FastAPI` with a subclass, which modules imported earlier don't see.
    """
    global _arguments  # noqa: PLW0603 - one instrumentation a process
    _arguments = arguments


def watch(module: Any) -> None:
    """Find every application from now on; repeated calls are harmless.

    Args:
        module: the framework's module. If it was loaded before, applications may be older than the telemetry, and are
            checked at each of their requests.
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
        with ExitStack() as around:
            for step in _around.values():
                around.enter_context(step(self))
            stack = original(self)
        self.__dict__[_BUILT] = tuple(_after)
        for finish in _after.values():
            with drops.contained("other"):
                finish(self, stack)
        return put_outermost(stack)

    return build_middleware_stack


def _calling(original: Any) -> Callable[..., Any]:
    async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> None:  # noqa: N807 - ASGI servers look for it
        if self.middleware_stack is not None and self.__dict__.get(_BUILT) != tuple(_after):
            # Built before the telemetry was set up: build it again.
            self.middleware_stack = None
        await original(self, scope, receive, send)

    return __call__


def _adopt(application: Any) -> bool:
    """Instrument an application, or return False if there is nothing to do."""
    if _arguments is None or getattr(application, "_is_instrumented_by_opentelemetry", False):
        return False
    from fastapi import applications  # noqa: PLC0415 - the application may have no such framework
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415

    if not isinstance(application, applications.FastAPI):
        return False
    FastAPIInstrumentor.instrument_app(application, **_arguments)
    return True
