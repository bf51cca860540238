"""Sends the traffic."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from .account import Account
from .people import People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_API = "/api/v1"
_REASONS = ("client_request", "therapist_cancelled", "no_show")
_OWN_ROUTES = frozenset({"dependency", "response_validation"})


@dataclass(frozen=True)
class Plan:
    """How much to send.

    Args:
        seed: the same one invents the same people.
        workspaces: practices, each with a WebSocket that is open during the whole run.
        clients: per workspace.
        appointments: per client.
        cancelled: of every so many appointments, one is cancelled; 0: none.
        notes: of every so many appointments, one gets a session note; 0: none.
        misuses: whether each workspace also sends requests that are answered with 401, 404, 409 and 422.
        faults: whether each kind of fault that the test endpoints know is asked for once, and the test error.
        concurrency: requests at a time.
    """

    seed: int = 1
    workspaces: int = 3
    clients: int = 4
    appointments: int = 3
    cancelled: int = 3
    notes: int = 2
    misuses: bool = True
    faults: bool = False
    concurrency: int = 8


async def drive(
    base_url: str, plan: Plan | None = None, *, while_open: Callable[[Account], Awaitable[None]] | None = None
) -> Account:
    """Send a plan's traffic to the practice API at `base_url`.

    Args:
        base_url: such as `http://127.0.0.1:8000`.
        plan: how much to send.
        while_open: called when all is sent, and the WebSockets are still open.

    Raises:
        AssertionError: the API answered otherwise than it should; the message names the route and the status.
        httpx.HTTPError: the API can't be reached.
    """
    plan = plan or Plan()
    account = Account()
    limits = httpx.Limits(max_connections=plan.concurrency)
    async with (
        httpx.AsyncClient(base_url=base_url, timeout=60, limits=limits) as http,
        contextlib.AsyncExitStack() as open_sessions,
    ):
        run = _Run(http, account, People(plan.seed, account), plan)
        practices = [await run.open_practice() for _ in range(plan.workspaces)]
        for practice in practices:
            await open_sessions.enter_async_context(_live(base_url, practice, account))
        await asyncio.gather(*(run.work(practice) for practice in practices))
        if plan.faults:
            await run.fail()
        if while_open is not None:
            await while_open(account)
    return account


@dataclass(frozen=True)
class _Practice:
    id: str
    headers: dict[str, str]


class _Run:
    def __init__(self, http: httpx.AsyncClient, account: Account, people: People, plan: Plan) -> None:
        self._http = http
        self._account = account
        self._people = people
        self._plan = plan

    async def _call(
        self, method: str, route: str, expected: int, *, path: dict[str, str] | None = None, **request: Any
    ) -> Any:
        headers = {"x-request-id": str(uuid.uuid4()), **request.pop("headers", {})}
        response = await self._http.request(method, route.format(**(path or {})), headers=headers, **request)
        self._account.requests[method, route, response.status_code] += 1
        if response.status_code != expected:
            raise AssertionError(f"{method} {route}: {response.status_code} instead of {expected}")
        return response.json() if "json" in response.headers.get("content-type", "") else response.text

    async def open_practice(self) -> _Practice:
        made = await self._call("POST", f"{_API}/workspaces", 201, json={"name": f"Practice of {self._people.name()}"})
        self._account.workspaces.append(made["id"])
        return _Practice(made["id"], {"authorization": f"Bearer {made['token']}"})

    async def work(self, practice: _Practice) -> None:
        await self._call("GET", f"{_API}/workspaces/me", 200, headers=practice.headers)
        await asyncio.gather(*(self._treat(practice, number) for number in range(self._plan.clients)))
        await self._call("GET", f"{_API}/appointments", 200, headers=practice.headers)
        await self._call("GET", f"{_API}/appointments/calendar.ics", 200, headers=practice.headers)
        if self._plan.misuses:
            await self._misuse(practice)

    async def _treat(self, practice: _Practice, number: int) -> None:
        fields = self._people.client()
        client = await self._call("POST", f"{_API}/clients", 201, headers=practice.headers, json=fields)
        one_client = {"path": {"client_id": client["id"]}, "headers": practice.headers}
        await self._call("GET", f"{_API}/clients/{{client_id}}", 200, **one_client)
        changed = {**fields, "address": self._people.client()["address"]}
        await self._call("PUT", f"{_API}/clients/{{client_id}}", 200, json=changed, **one_client)
        await self._call("GET", f"{_API}/clients", 200, headers=practice.headers, params={"q": fields["name"]})
        for turn in range(self._plan.appointments):
            await self._meet(practice, client["id"], number * self._plan.appointments + turn)
        await self._call("GET", f"{_API}/clients/{{client_id}}/notes", 200, **one_client)

    async def _meet(self, practice: _Practice, client_id: str, number: int) -> None:
        fields = self._people.appointment(client_id, day=number % 28)
        made = await self._call("POST", f"{_API}/appointments", 201, headers=practice.headers, json=fields)
        self._account.appointments_created[practice.id] += 1
        one = {"path": {"appointment_id": made["id"]}, "headers": practice.headers}
        await self._call("GET", f"{_API}/appointments/{{appointment_id}}", 200, **one)
        if self._plan.notes and number % self._plan.notes == 0:
            note = f"{_API}/appointments/{{appointment_id}}/note"
            await self._call("PUT", note, 200, json=self._people.note(), **one)
            self._account.session_notes_saved[practice.id] += 1
            await self._call("GET", note, 200, **one)
        if self._plan.cancelled and number % self._plan.cancelled == 0:
            reason = _REASONS[number // self._plan.cancelled % len(_REASONS)]
            cancel = f"{_API}/appointments/{{appointment_id}}/cancel"
            await self._call("POST", cancel, 200, json={"reason": reason}, **one)
            self._account.appointments_cancelled[practice.id, reason] += 1

    async def _misuse(self, practice: _Practice) -> None:
        people, headers = self._people, practice.headers
        unknown = {"path": {"client_id": people.patient_id()}, "headers": headers}
        await self._call("GET", f"{_API}/clients/{{client_id}}", 404, **unknown)
        await self._call("GET", f"{_API}/clients", 401, params={"q": people.name()})
        invalid = {**people.client(), "date_of_birth": people.free_text()}
        await self._call("POST", f"{_API}/clients", 422, headers=headers, json=invalid)
        twice = people.client()
        await self._call("POST", f"{_API}/clients", 201, headers=headers, json=twice)
        await self._call("POST", f"{_API}/clients", 409, headers=headers, json={**twice, "name": people.name()})
        response = await self._http.get(f"/patients/{people.name()}", params={"phone": people.client()["phone"]})
        self._account.requests["GET", "", response.status_code] += 1

    async def fail(self) -> None:
        """Ask for every fault once, and for the test error."""
        once = {"connection": "close"}  # the server closes the connection after an error that nobody handled
        kinds = await self._call("GET", "/test/errors", 200)
        await self._call("GET", "/test/sentry", 500, headers=once)
        for kind, status in kinds.items():
            route = f"/test/errors/{kind}" if kind in _OWN_ROUTES else "/test/errors/{kind}"
            patient = self._people.patient()
            try:
                await self._call("GET", route, status, path={"kind": kind}, params=patient, headers=once)
            except httpx.RemoteProtocolError:
                # The answer broke off, after its status was sent.
                self._account.requests["GET", route, status] += 1
            self._account.faults[kind] = status


@contextlib.asynccontextmanager
async def _live(base_url: str, practice: _Practice, account: Account) -> AsyncIterator[None]:
    address = f"{base_url.replace('http', 'ws', 1)}{_API}/live"
    async with connect(address, additional_headers=practice.headers) as socket:
        await socket.recv()

        async def listen() -> None:
            with contextlib.suppress(ConnectionClosed):
                async for _ in socket:
                    account.live_updates[practice.id] += 1

        listener = asyncio.create_task(listen())
        try:
            yield
        finally:
            await socket.close()
            await listener
