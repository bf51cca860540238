"""Requests: their errors, and what is kept apart between them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from fastapi import FastAPI, HTTPException, Request
from httpx import ASGITransport, AsyncClient

if TYPE_CHECKING:
    from tests.unit.sentry.conftest import Kept

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


@pytest.fixture
def app(kept: Kept) -> FastAPI:
    """An application that was made after the client was started."""
    del kept
    app = FastAPI()

    @app.get("/boom")
    async def boom(request: Request) -> None:
        request.state.request_id = request.headers["x-request-id"]
        logger.info("about to %s", request.url.path)
        raise ValueError("boom")

    @app.get("/logged")
    def logged() -> None:
        try:
            raise ValueError("boom")
        except ValueError:
            logger.exception("failed")
            raise

    @app.get("/status/{status}")
    async def fail(status: int) -> None:
        raise HTTPException(status, "no")

    @app.get("/user/{user}")
    async def user(user: uuid.UUID, *, fail: bool = False) -> None:
        if not fail:
            sentry_sdk.set_user({"id": str(user)})
        await asyncio.sleep(0.01)
        if fail:
            raise ValueError("boom")

    return app


async def _get(app: FastAPI, *paths: str, **headers: str) -> list[int]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.example") as client:
        answers = await asyncio.gather(*(client.get(path, headers=headers) for path in paths))
        return [answer.status_code for answer in answers]


def _one(kept: Kept) -> dict[str, Any]:
    (event,) = kept.events
    return event


def test_an_unhandled_error_is_one_event_with_its_request(app: FastAPI, kept: Kept) -> None:
    """Route template, method, host, request id, status and breadcrumbs are the request's."""
    request_id = str(uuid.uuid4())
    headers = {"x-request-id": request_id, "content-type": "application/json; patient=dana", "cookie": "a=dana"}
    assert asyncio.run(_get(app, "/boom?patient=dana", **headers)) == [500]
    event = _one(kept)
    assert event["tags"] == {"request_id": request_id, "http.status_code": "500"}
    assert event["transaction"] == "/boom"
    assert event["request"] == {
        "method": "GET",
        "url": "/boom",
        "headers": {"Content-Type": "application/json", "Host": "api.example", "User-Agent": "python-httpx 0"},
    }
    assert [crumb["message"] for crumb in event["breadcrumbs"]["values"]] == ["about to %s"]
    assert event["exception"]["values"][-1]["mechanism"] == {"type": "asgi", "handled": False, "exception_id": 0}
    assert b"dana" not in kept.bytes


def test_an_error_that_is_logged_on_its_way_out_is_unhandled(app: FastAPI, kept: Kept) -> None:
    """Logged first and then unhandled, it is one event, unhandled, with status 500 and the log's template."""
    asyncio.run(_get(app, "/logged"))
    event = _one(kept)
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    assert (event["tags"]["http.status_code"], event["logentry"]["message"]) == ("500", "failed")


@pytest.mark.parametrize(("status", "events"), [(404, 0), (422, 0), (500, 1), (503, 1)])
def test_an_http_exception_is_an_event_if_it_is_the_servers_fault(
    app: FastAPI, kept: Kept, status: int, events: int
) -> None:
    """An HTTPException with a server's status is a handled error; with a client's, none."""
    assert asyncio.run(_get(app, f"/status/{status}")) == [status]
    assert [event["tags"]["http.status_code"] for event in kept.events] == [str(status)] * events


def test_requests_do_not_share_a_scope(app: FastAPI, kept: Kept) -> None:
    """A user that one request sets isn't on another's error, though both run at once."""
    other = uuid.uuid4()
    asyncio.run(_get(app, f"/user/{other}", f"/user/{uuid.uuid4()}?fail=true", f"/user/{other}"))
    assert "user" not in _one(kept)


def test_a_requests_own_user_is_on_its_error(kept: Kept) -> None:
    """A user that is set in a request is on that request's unhandled error."""
    account = str(uuid.uuid4())
    app = FastAPI()

    @app.get("/boom")
    async def boom() -> None:
        sentry_sdk.set_user({"id": account})
        raise ValueError("boom")

    asyncio.run(_get(app, "/boom"))
    assert _one(kept)["user"] == {"id": account}


@pytest.mark.parametrize(
    ("given", "kept_id"),
    [("5bfcd37d-d774-4c80-8822-c9de2b8ec69d", True), ("305123456", False), ("Dana", False)],
)
def test_an_incoming_request_id_is_kept_if_it_is_a_uuid(kept: Kept, given: str, kept_id: bool) -> None:
    """Where the application sets no request id, the proxy's is on the error, if it is a random UUID."""
    app = FastAPI()

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("boom")

    asyncio.run(_get(app, "/boom", **{"x-request-id": given}))
    assert _one(kept)["tags"].get("request_id") == (given if kept_id else None)


def test_a_browser_is_its_family_and_version(kept: Kept) -> None:
    """Of a `User-Agent` only the family and the major version of a known program are on an error."""
    app = FastAPI()

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("boom")

    agent = "Mozilla/5.0 (X11; Dana-PC) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.61 Safari/537.36"
    asyncio.run(_get(app, "/boom", **{"user-agent": agent}))
    assert _one(kept)["request"]["headers"]["User-Agent"] == "Chrome 126"
    assert b"Dana" not in kept.bytes
