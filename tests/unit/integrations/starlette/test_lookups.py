"""Look-ups that come to the same as the instrumentations' own."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.instrumentation import fastapi as instrumentation
from opentelemetry.instrumentation.asgi import ASGIGetter
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Host, Match, Mount, Route, Router

from pazpaz_otel.integrations.lean.incoming import HeaderGetter
from pazpaz_otel.integrations.starlette import routes

ORIGINAL = instrumentation._get_route_details

PATHS = (
    "/", "/ping", "/ping/", "/api/v1/clients", "/api/v1/clients/7", "/api/v1/clients/7/notes", "/api/v1/clients/me",
    "/files/a/b/c.txt", "/mounted", "/mounted/inner", "/mounted/none", "/live/7", "/none", "/api/v1", "",
)  # fmt: skip
METHODS = ("GET", "POST", "HEAD", "DELETE", "BOGUS")


def application() -> FastAPI:
    app = FastAPI()
    inner, outer = APIRouter(prefix="/clients"), APIRouter(prefix="/v1")

    async def answer() -> None: ...

    inner.get("/me")(answer)
    inner.get("")(answer)
    inner.post("/{client_id}")(answer)
    inner.get("/{client_id}")(answer)
    inner.get("/{client_id}/notes")(answer)
    outer.include_router(inner)
    app.include_router(outer, prefix="/api")
    app.get("/ping")(answer)
    app.get("/files/{path:path}")(answer)

    @app.websocket("/live/{room}")
    async def live(socket: WebSocket) -> None: ...

    app.routes.append(Mount("/mounted", routes=[Route("/inner", lambda _: None)]))
    app.routes.append(Host("files.example", app=Starlette()))
    return app


APP = application()


def scope(app: FastAPI, path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"type": "http", "app": app, "path": path, "method": method, "headers": [], "root_path": "", **more}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_the_same_route_is_found(path: str, method: str):
    """Every path and method finds the route that the instrumentation finds among all of them, mounts' whole."""
    lookup = routes.RouteLookup()
    inner = "/inner" if path == "/mounted/inner" else ""
    for more in (
        {},
        {"root_path": "/proxy", "path": f"/proxy{path}"},
        {"type": "websocket"},
        {"headers": [(b"host", b"files.example")]},
    ):
        asked = scope(APP, **{"path": path, "method": method, **more})
        found = ORIGINAL(asked)
        whole = f"{found}{inner}" if found == "/mounted" and asked["type"] == "http" else found
        if asked["headers"] and found == path:
            # The instrumentation gives the path where a host matches: it names nobody's route.
            whole = None if lookup(asked) is None else whole
        assert lookup(asked) == whole


def test_a_route_added_later_is_found():
    """An application that grows while it serves has its new routes named at once."""
    app = application()
    lookup = routes.RouteLookup()
    assert lookup(scope(app, "/late")) is None

    @app.get("/late")
    async def late() -> None: ...

    assert lookup(scope(app, "/late")) == "/late"


def test_paths_without_a_route_list_the_routes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for thousands of paths doesn't make the application read its routes as often, but finds new ones."""
    app, included, clock = application(), APIRouter(prefix="/included"), itertools.count()
    app.include_router(included)
    lists: list[object] = []
    flat = routes.flat
    monkeypatch.setattr(routes, "flat", lambda found: lists.append(found) or flat(found))
    monkeypatch.setattr(routes.time, "monotonic", lambda: next(clock) / 1000)
    lookup = routes.RouteLookup()
    for number in range(5):
        assert lookup(scope(app, f"/none/{number}")) is None
    assert len(lists) == 1

    @app.get("/late")
    async def late() -> None: ...

    assert lookup(scope(app, "/late")) == "/late"
    included.get("/later")(late)
    assert lookup(scope(app, "/included/later")) is None
    for _ in range(20):
        routes.time.monotonic()
    assert lookup(scope(app, "/included/later")) == "/included/later"


names = st.sampled_from([b"host", b"Host", b"traceparent", b"hos", b"x-\xc3\xa9", b"\xff"])


@given(st.lists(st.tuples(names, st.binary(max_size=8))), st.sampled_from(["host", "HOST", "traceparent", "absent"]))
def test_the_same_headers_are_found(headers: list[tuple[bytes, bytes]], key: str):
    """A header is found, or not, as the instrumentation finds it: in any case, all of its values, decoded."""
    try:
        expected = ASGIGetter().get({"headers": headers}, key)
    except UnicodeDecodeError:
        return
    assert HeaderGetter().get({"headers": headers}, key) == expected


def test_a_mounted_applications_route_is_whole():
    """A route three applications deep has its full template, with the parameters of every mount."""
    inner, middle, outer = FastAPI(), Starlette(), FastAPI()

    @inner.get("/notes/{note_id}")
    async def note(note_id: int) -> None: ...

    middle.mount("/v2", inner)
    outer.mount("/clinics/{clinic_id}", middle)
    lookup = routes.RouteLookup()
    assert lookup(scope(outer, "/clinics/7/v2/notes/3")) == "/clinics/{clinic_id}/v2/notes/{note_id}"
    assert lookup(scope(outer, "/clinics/7/v2/none")) == "/clinics/{clinic_id}/v2"


@pytest.mark.parametrize("flatten", [routes.flat, list])
def test_a_route_mounted_in_starlette_is_whole(monkeypatch: pytest.MonkeyPatch, flatten: Any):
    """Without FastAPI's own way to list routes, a route below a mount and a middleware has its full template."""
    leaf = Mount("/{case_id}", routes=[Route("/notes", lambda _: None)])
    app: Any = Starlette(routes=[Mount("/cases", GZipMiddleware(Starlette(routes=[leaf])))])
    monkeypatch.setattr(routes, "flat", flatten)
    assert routes.RouteLookup()(scope(app, "/cases/7/notes")) == "/cases/{case_id}/notes"


def broken(made: Any, *names: str, **more: Any) -> Any:
    """Let some attributes of an object raise."""
    raising = {name: property(lambda _: 1 / 0, lambda _, __: None) for name in names}
    made.__class__ = type("Broken", (type(made),), {**raising, **more})
    return made


def of_any(self: Any, scope: Any) -> Any:
    return (Match.FULL, {}) if scope["path"] == "/broken" else (Match.NONE, {})


async def answer(*_: Any) -> None: ...


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    "odd",
    [
        *(
            broken(Route("/broken", answer), name, **more)
            for name in ("path", "path_format", "path_regex", "original_route", "effective_route_contexts", "methods")
            for more in ({}, {"matches": of_any})
        ),
        *(
            broken(Mount("/broken", routes=[Route("/in", answer)]), name)
            for name in ("routes", "path", "app", "_base_app", "path_regex")
        ),
        Mount("/broken", app=broken(Router(), "routes")),
        Mount("/broken", app=broken(GZipMiddleware(answer), "app", "__dict__")),
    ],
)
def test_a_route_that_raises_takes_no_other_along(odd: Any, is_first: bool) -> None:
    """Whatever an application's own class of routes, mounts and routers raises, the others are found and proven."""
    inner = FastAPI()
    inner.get("/beds/{bed_id}")(answer)
    included = APIRouter()
    included.get("/rooms/{room_id}")(answer)
    app = FastAPI()
    app.get("/visits/{visit_id}")(answer)
    app.include_router(included, prefix="/wards")
    app.mount("/inner", inner)
    app.router.routes.insert(0 if is_first else len(app.routes), odd)
    asked = {
        "/visits/1": "/visits/{visit_id}",
        "/wards/rooms/2": "/wards/rooms/{room_id}",
        "/inner/beds/3": "/inner/beds/{bed_id}",
    }
    lookup = routes.RouteLookup()
    assert {path: lookup(scope(app, path)) for path in asked} == asked
    assert lookup(scope(app, "/broken")) in {"/broken", None}
    assert set(routes.routes_of(app)) >= set(asked.values())
