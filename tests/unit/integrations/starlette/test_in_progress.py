"""The requests that each route is handling."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from opentelemetry.metrics import CallbackOptions

from pazpaz_otel.integrations.starlette.in_progress import RequestsInProgress
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard


async def _request(app: FastAPI, method: str) -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        pass

    scope = {"type": "http", "method": method, "path": "/notes", "raw_path": b"/notes", "query_string": b""}
    scope |= {"headers": [], "root_path": "", "http_version": "1.1", "scheme": "http", "server": ("localhost", 80)}
    await app(scope, receive, send)


def test_invented_methods_are_one_series() -> None:
    """However many methods callers make up, they are one series of the route, and nothing is kept of each."""
    evidence = Evidence()
    evidence.add_routes(lambda: ["/notes"])
    counting = RequestsInProgress(Guard(load_policy(), evidence))
    counting.install()
    counting.count_routes()
    router = APIRouter()
    router.add_api_route("/notes", lambda: None, methods=["GET"])
    app = FastAPI()
    app.include_router(router)

    async def requests() -> None:
        await _request(app, "GET")
        for number in range(200):
            await _request(app, f"DVORA{number}")

    asyncio.run(requests())
    seen = {tuple((found.attributes or {}).values()) for found in counting.observe(CallbackOptions())}
    assert seen == {("GET", "/notes"), ("_OTHER", "/notes")}


def test_what_is_served_lean_is_in_progress_until_it_ends() -> None:
    """A request that the lean middleware serves counts for its route while it runs; before it is routed, for none."""
    evidence = Evidence()
    evidence.add_routes(lambda: ["/notes"])
    counting = RequestsInProgress(Guard(load_policy(), evidence))

    route = APIRoute("/notes", lambda: None, methods=["GET"])
    routed = SimpleNamespace(scope={"method": "GET", "route": route})
    counting.meet(routed.scope)
    counting.served.update({1: routed, 2: routed, 3: SimpleNamespace(scope={"method": "GET"})})
    assert [found.value for found in counting.observe(CallbackOptions())] == [2]
    counting.served.clear()
    assert [found.value for found in counting.observe(CallbackOptions())] == [0]


def test_a_route_that_raises_is_served_and_counts_for_none() -> None:
    """An application's own class of routes may break when it is asked for its path."""
    evidence = Evidence()
    evidence.add_routes(lambda: ["/notes"])
    counting = RequestsInProgress(Guard(load_policy(), evidence))
    counting.count_routes()
    app = FastAPI()
    answered: list[str] = []
    app.add_api_route("/notes", lambda: answered.append("notes"), methods=["GET"])
    route: Any = app.routes[-1]
    route.__class__ = type("Broken", (APIRoute,), {"path": property(lambda _: 1 / 0)})
    counting.served[1] = SimpleNamespace(scope={"method": "GET", "route": route})
    asyncio.run(_request(app, "GET"))
    assert answered == ["notes"]
    assert counting.observe(CallbackOptions()) == []
