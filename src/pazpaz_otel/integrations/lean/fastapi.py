"""For each FastAPI application that contrib instruments, choose our middleware or contrib's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation import fastapi
from opentelemetry.instrumentation._semconv import (
    _OpenTelemetrySemanticConventionStability,
    _OpenTelemetryStabilitySignalType,
    _StabilityMode,
)
from opentelemetry.util import http
from starlette.applications import Starlette

from pazpaz_otel import patches
from pazpaz_otel.integrations.lean.request import VARYING
from pazpaz_otel.integrations.lean.server import LeanServer

if TYPE_CHECKING:
    from pazpaz_otel.integrations.starlette.in_progress import RequestsInProgress
    from pazpaz_otel.redact.guards import Guard

_CAPTURING: Final = (
    http.OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    http.OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
)
_HOOKS: Final = ("server_request_hook", "client_request_hook", "client_response_hook")
_PATHS: Final = frozenset({"url.path", "http.target"})
_CAPTURES: Final = ("http_capture_headers_server_request", "http_capture_headers_server_response")

_OBSERVER: Final = "ExceptionTelemetryMiddleware"
_LAYERS: Final = ("starlette", "fastapi", "opentelemetry", "pazpaz_otel")


def serve_lean(guard: Guard, progress: RequestsInProgress) -> None:
    """Use our middleware in place of contrib's, for every application built from now on; let neither collect more."""

    def choosing(contrib: Any) -> Any:
        def middleware(app: Any, **options: Any) -> Any:
            if not _is_plain(options):
                progress.count_routes()
                return contrib(app, **options)
            look_up = fastapi._get_route_details  # noqa: SLF001 - contrib's
            return LeanServer(app, guard, look_up, progress, **options)

        return middleware

    def collecting(original: Any) -> Any:
        unlisted = frozenset(VARYING) - guard.policy.attributes.keys()

        def collect_request_attributes(scope: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
            # The guard would replace the path with the route; without a route, nothing of a path may leave.
            is_ours = isinstance(scope.get("app"), Starlette)
            has_route = not is_ours or fastapi._get_route_details(scope) is not None  # noqa: SLF001 - contrib's
            withheld = unlisted if has_route else unlisted | _PATHS
            return {key: value for key, value in original(scope, *args, **kwargs).items() if key not in withheld}

        return collect_request_attributes

    patches.install("asgi.attributes", collecting)
    patches.install("fastapi.middleware", choosing)
    patches.install("fastapi.instrument_app", _shortening)


def _shortening(original: Any) -> Any:
    """Remove three layers that only pass requests on, from applications that our middleware serves.

    Contrib puts an error middleware around its own to catch its own errors. FastAPI's telemetry checks for contrib's
    middleware at every request, and then does nothing; what it puts around an application observes for it.
    """

    def instrument_app(app: Any, *args: Any, **kwargs: Any) -> None:
        original(app, *args, **kwargs)
        build = app.build_middleware_stack

        def build_middleware_stack() -> Any:
            stack = build()
            lean = getattr(stack, "app", None)
            if not isinstance(lean, LeanServer):
                return stack
            telemetry = getattr(app, "_telemetry", None)
            if isinstance(telemetry, dict):
                telemetry.update(dict.fromkeys(("tracing", "metrics", "logs"), False))
                leave_out_observer(lean.inner)
            return lean

        app.build_middleware_stack = build_middleware_stack

    return staticmethod(instrument_app)


def leave_out_observer(stack: Any) -> None:
    """Take out the layer that observes exceptions for FastAPI's telemetry, which must be off."""
    # FastAPI puts it above the application's own middleware, which isn't touched.
    while type(stack).__module__.partition(".")[0] in _LAYERS and (layer := getattr(stack, "app", None)) is not None:
        if type(layer).__name__ == _OBSERVER and type(layer).__module__.startswith("fastapi.telemetry"):
            stack.app = layer.app
            return
        stack = layer


def _is_plain(options: dict[str, Any]) -> bool:
    """Return whether no option is set that only contrib's middleware supports."""
    if any(options.get(name) for name in (*_HOOKS, *_CAPTURES)):
        return False
    if any(map(http.get_custom_headers, _CAPTURING)):
        return False
    excluded = options.get("exclude_spans") or ()
    mode = _OpenTelemetrySemanticConventionStability._get_opentelemetry_stability_opt_in_mode(  # noqa: SLF001
        _OpenTelemetryStabilitySignalType.HTTP
    )
    return mode is _StabilityMode.HTTP and {"send", "receive"} <= set(excluded)
