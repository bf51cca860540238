"""The reference backend is a real application, and the traffic's account of it is exact."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import threading
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from examples.traffic import Account, Plan, drive
from tests.integration.backend import NOWHERE, Backend
from tests.programs import Postgres, Redis, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = "/api/v1"


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with Backend(tmp_path_factory.mktemp("backend")) as running:
        yield running


@pytest.fixture
def http(backend: Backend) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=backend.url) as client:
        yield client


def open_practice(http: httpx.Client) -> dict[str, str]:
    made = http.post(f"{API}/workspaces", json={"name": "Practice of Noa"}).json()
    return {"authorization": f"Bearer {made['token']}"}


def book(http: httpx.Client, headers: dict[str, str]) -> dict[str, Any]:
    client = http.post(f"{API}/clients", headers=headers, json={"name": "Dana Levi", "phone": "0501234567"}).json()
    times = {"starts_at": "2030-01-01T10:00:00+02:00", "ends_at": "2030-01-01T11:00:00+02:00"}
    made = http.post(f"{API}/appointments", headers=headers, json={"client_id": client["id"], **times})
    assert made.status_code == 201
    return made.json()  # type: ignore[no-any-return]


class TestRequests:
    def test_a_uuid_is_kept_as_request_id(self, http: httpx.Client) -> None:
        """A request id that is a random UUID is echoed, in the header and in an error's body."""
        known = str(uuid.uuid4())
        response = http.get(f"{API}/clients", headers={"x-request-id": known})
        assert response.json() == {"detail": "Invalid or missing token", "request_id": known}
        assert response.headers["x-request-id"] == known

    @pytest.mark.parametrize("sent", ["dana-levi", "", "00000000-0000-1000-8000-001122334455"])
    def test_any_other_request_id_is_made_anew(self, http: httpx.Client, sent: str) -> None:
        """A request id that could tell of a person or a machine is replaced."""
        answered = http.get("/ping", headers={"x-request-id": sent}).headers["x-request-id"]
        assert answered != sent
        assert uuid.UUID(answered).version == 4

    def test_an_unhandled_error_has_the_form_of_the_others(self, http: httpx.Client) -> None:
        """A 500 says nothing of the error, and has the request id in body and header."""
        response = http.get("/test/errors/formatted_message", params={"name": "Dana Levi"})
        assert response.status_code == 500
        assert response.json() == {
            "detail": "Internal server error",
            "request_id": response.headers["x-request-id"],
        }

    def test_an_invalid_body_is_named_and_not_repeated(self, http: httpx.Client) -> None:
        """A 422 names the field, and holds nothing of what was sent."""
        body = {"name": "Dana Levi", "date_of_birth": "in the war"}
        response = http.post(f"{API}/clients", headers=open_practice(http), json=body)
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["body", "date_of_birth"]
        assert "in the war" not in response.text


class TestPractices:
    def test_a_practice_sees_its_own_only(self, http: httpx.Client) -> None:
        """What belongs to one workspace doesn't exist for another."""
        ours, theirs = open_practice(http), open_practice(http)
        made = book(http, ours)
        cancel = {"json": {"reason": "no_show"}, "headers": theirs}
        statuses = [
            http.get(f"{API}/clients/{made['client_id']}", headers=theirs).status_code,
            http.get(f"{API}/appointments/{made['id']}", headers=theirs).status_code,
            http.post(f"{API}/appointments/{made['id']}/cancel", **cancel).status_code,
            http.put(f"{API}/appointments/{made['id']}/note", headers=theirs, json={}).status_code,
            http.get(f"{API}/clients/{made['client_id']}/notes", headers=theirs).status_code,
        ]
        assert statuses == [404] * 5
        assert http.get(f"{API}/clients", headers=theirs).json() == []

    def test_the_database_knows_no_token(self, backend: Backend, http: httpx.Client) -> None:
        """A token can't be read back from the database."""
        token = open_practice(http)["authorization"].removeprefix("Bearer ")
        with sqlite3.connect(backend.folder / "practice.db") as database:
            assert token not in "\n".join(database.iterdump())

    def test_an_appointment_is_cancelled_once(self, http: httpx.Client) -> None:
        """The second cancellation is a conflict, and the first reason stays."""
        headers = open_practice(http)
        path = f"{API}/appointments/{book(http, headers)['id']}"
        statuses = [
            http.post(f"{path}/cancel", headers=headers, json={"reason": reason}).status_code
            for reason in ("dana was ill", "no_show", "client_request")
        ]
        assert statuses == [422, 200, 409]
        assert http.get(path, headers=headers).json()["cancel_reason"] == "no_show"

    def test_a_note_is_written_anew(self, http: httpx.Client) -> None:
        """An appointment has one note, the last that was saved."""
        headers = open_practice(http)
        made = book(http, headers)
        for text in ("first", "second"):
            http.put(f"{API}/appointments/{made['id']}/note", headers=headers, json={"subjective": text})
        notes = http.get(f"{API}/clients/{made['client_id']}/notes", headers=headers).json()
        assert [note["subjective"] for note in notes] == ["second"]

    def test_a_production_system_reminds_and_offers_no_faults(self, tmp_path: Path) -> None:
        """A client is reminded by the gateway in the settings; one that fails doesn't fail the appointment.

        Nobody can make a production system fail on purpose.
        """
        received: list[dict[str, str]] = []

        class Gateway(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(500)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        gateway = HTTPServer(("127.0.0.1", 0), Gateway)
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{gateway.server_port}/sms"
        settings = {"REMINDER_WEBHOOK_URL": url, "ENABLE_TEST_ENDPOINTS": "false"}
        with Backend(tmp_path, settings) as backend, httpx.Client(base_url=backend.url) as http:
            book(http, open_practice(http))
            wait_until(lambda: received, "the reminder")
            paths = ("/test/sentry", "/test/errors", "/test/errors/chained", "/test/latency")
            assert [http.get(path).status_code for path in paths] == [404] * len(paths)
        gateway.shutdown()
        gateway.server_close()
        assert [message["to"] for message in received] == ["0501234567"]


def requests_logged(backend: Backend) -> Counter[tuple[str, str, int]]:
    """Requests by method, route and status, as the log lines of an instrumented backend tell them."""
    return Counter(
        (line["method"], line.get("route", ""), line["status_code"])
        for line in backend.lines()
        if line["event"] == "request_completed" and line["status_code"] != 101
    )


def rows(backend: Backend, query: str) -> list[Any]:
    with sqlite3.connect(backend.folder / "practice.db") as database:
        return database.execute(query).fetchall()


def assert_rows_are_accounted_for(account: Account, backend: Backend) -> None:
    created = {uuid.UUID(workspace).hex: count for workspace, count in account.appointments_created.items()}
    cancelled = {
        (uuid.UUID(workspace).hex, reason): count
        for (workspace, reason), count in account.appointments_cancelled.items()
    }
    assert created == dict(rows(backend, "SELECT workspace_id, count(*) FROM appointments GROUP BY 1"))
    found = rows(
        backend,
        "SELECT workspace_id, cancel_reason, count(*) FROM appointments WHERE cancel_reason NOTNULL GROUP BY 1, 2",
    )
    assert cancelled == {(workspace, reason): count for workspace, reason, count in found}
    assert sum(account.session_notes_saved.values()) == rows(backend, "SELECT count(*) FROM session_notes")[0][0]


class TestTraffic:
    def test_the_account_is_exact(self, tmp_path: Path) -> None:
        """Everything the driver says it did is in the database and in the backend's log, and nothing else is."""
        with Backend(tmp_path, NOWHERE, instrumented=True) as backend:
            account = asyncio.run(drive(backend.url, Plan(workspaces=2, clients=2, appointments=3)))
        assert_rows_are_accounted_for(account, backend)
        assert account.requests == requests_logged(backend)
        assert min(account.live_updates.values()) == 6 + 2 + 3
        assert {status for _, _, status in account.requests} == {200, 201, 401, 404, 409, 422}

    def test_the_same_seed_plants_the_same_people(self, backend: Backend) -> None:
        """A run can be repeated: the seed decides what is planted, in four scripts, each string once."""
        plan = Plan(seed=7, workspaces=1, clients=1, appointments=1, concurrency=1)
        first, second = (asyncio.run(drive(backend.url, plan)) for _ in range(2))
        assert first.texts == second.texts
        assert len(set(first.texts)) == len(first.texts)
        assert first.texts != asyncio.run(drive(backend.url, Plan(seed=8, workspaces=1, clients=1))).texts

    @pytest.mark.slow
    def test_workers_start_together(self, tmp_path: Path) -> None:
        """Workers that start at once on an empty SQLite database make one schema and lose no write."""
        with Backend(tmp_path, workers=2) as backend:
            account = asyncio.run(drive(backend.url, Plan(workspaces=3, clients=3, appointments=3)))
        assert_rows_are_accounted_for(account, backend)
        assert not [line for line in backend.lines() if line["level"] in {"error", "critical"}]


@pytest.mark.stack
@pytest.mark.slow
def test_postgres_and_redis_carry_several_workers(tmp_path: Path) -> None:
    """On PostgreSQL and Redis every page hears of every change, whichever worker made it, and every fault is itself."""
    with Postgres() as postgres, Redis(tmp_path) as redis:
        environment = {"DATABASE_URL": postgres.url(driver="postgresql"), "REDIS_URL": redis.url}
        with Backend(tmp_path, environment, workers=2) as backend:
            heard: dict[str, int] = {}
            expected: dict[str, int] = {}

            async def listen(account: Account) -> None:
                expected.update(
                    {
                        workspace: account.appointments_created[workspace]
                        + account.session_notes_saved[workspace]
                        + sum(n for (owner, _), n in account.appointments_cancelled.items() if owner == workspace)
                        for workspace in account.workspaces
                    }
                )
                with contextlib.suppress(TimeoutError):
                    await asyncio.to_thread(wait_until, lambda: account.live_updates == expected, "the updates", 20)
                heard.update(account.live_updates)

            account = asyncio.run(drive(backend.url, Plan(workspaces=2, clients=2, faults=True), while_open=listen))
            assert heard == expected
            assert len(account.faults) >= 40
