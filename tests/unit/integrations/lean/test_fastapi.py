"""What is taken out of FastAPI's middleware, and what it answers without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.responses import JSONResponse

from pazpaz_otel.integrations.lean.fastapi import leave_out_observer

if TYPE_CHECKING:
    from starlette.requests import Request


class FullError(Exception):
    pass


def made() -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.get("/rooms/{number}")
    def room(number: int) -> int:
        if number == 1:
            raise FullError
        return 10 // number

    async def stamp(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-stamp"] = "1"
        return response

    app.add_middleware(BaseHTTPMiddleware, dispatch=stamp)
    app.add_exception_handler(FullError, lambda *_: JSONResponse({"full": True}, 409))
    return app


def layers(stack: Any) -> list[str]:
    found = []
    while stack is not None:
        found.append(type(stack).__name__)
        stack = getattr(stack, "app", None)
    return found


def answers(app: FastAPI) -> list[tuple[int, str, str | None]]:
    client = TestClient(app, raise_server_exceptions=False)
    found = [client.get(f"/rooms/{number}") for number in ("5", "1", "0", "x")]
    return [(one.status_code, one.text, one.headers.get("x-stamp")) for one in found]


def test_only_the_observer_is_left_out():
    """Every other layer stays where it was, and every answer is the same, also an error's."""
    app, without = made(), made()
    stack = without.build_middleware_stack()
    before = layers(stack)
    assert "ExceptionTelemetryMiddleware" in before
    leave_out_observer(stack)
    without.middleware_stack = stack
    assert layers(stack) == [name for name in before if name != "ExceptionTelemetryMiddleware"]
    expected = answers(app)
    assert [status for status, _, _ in expected] == [200, 409, 500, 422]
    assert answers(without) == expected


def test_the_application_s_own_middleware_is_not_touched():
    """What a middleware calls `app` is its own affair, even if that raises or never ends."""

    class Odd:
        asked = 0

        @property
        def app(self) -> Any:
            Odd.asked += 1
            raise LookupError

    stack = ServerErrorMiddleware(app=Odd())  # type: ignore[arg-type]
    leave_out_observer(stack)
    assert Odd.asked == 0


def test_a_stack_without_it_stays():
    """A stack that has none, as an older FastAPI builds it, isn't touched."""
    stack = made().build_middleware_stack()
    leave_out_observer(stack)
    before = layers(stack)
    leave_out_observer(stack)
    assert layers(stack) == before
