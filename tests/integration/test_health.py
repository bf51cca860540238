"""Health as probes see it, while a real database and a real Redis come and go."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.backend import Backend
from tests.programs import Postgres, Redis, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SOON = 2.0
"""Seconds within which every probe has its answer; the client gives up after it."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as running:
        yield running


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture
def backend(tmp_path: Path, postgres: Postgres, redis: Redis) -> Iterator[Backend]:
    environment = {"DATABASE_URL": postgres.url(driver="postgresql"), "REDIS_URL": redis.url}
    with Backend(tmp_path, environment) as running:
        wait_until(lambda: status(running) == 200, "health")
        yield running


def status(backend: Backend, path: str = "/health") -> int:
    return httpx.get(backend.url + path, timeout=SOON).status_code


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def test_a_stopped_database_comes_back(backend: Backend, postgres: Postgres) -> None:
    """A stopped database is a 503 in time, on a backend that lives on; started again it is a 200, without a restart."""
    postgres.kill()
    wait_until(lambda: status(backend) == 503, "the 503")
    assert status(backend, "/api/v1/health") == 503
    assert status(backend, "/health/live") == 200
    response = httpx.get(f"{backend.url}/health", timeout=SOON)
    assert response.json() == {
        "detail": "Database connection unavailable",
        "request_id": response.headers["x-request-id"],
    }
    postgres.start()
    wait_until(lambda: status(backend) == 200, "the 200")


def test_a_frozen_database_comes_back(backend: Backend, postgres: Postgres) -> None:
    """A database that accepts connections and never answers is a 503 in time, as long as it lasts and no longer."""
    frozen = family(postgres.pid)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: status(backend) == 503, "the 503")
        assert [status(backend) for _ in range(3)] == [503, 503, 503]
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: status(backend) == 200, "the 200")
    made = httpx.post(f"{backend.url}/api/v1/workspaces", json={"name": "Practice"}, timeout=10)
    assert made.status_code == 201


def test_readiness_names_what_is_gone(backend: Backend, redis: Redis) -> None:
    """Without Redis the backend isn't ready and says why; its database, and so `/health`, is well."""
    redis.kill()
    wait_until(lambda: status(backend, "/health/ready") == 503, "the 503")
    assert httpx.get(f"{backend.url}/health/ready", timeout=SOON).json()["checks"] == {
        "database": "up",
        "redis": "down",
    }
    assert status(backend) == 200
    redis.start()
    wait_until(lambda: status(backend, "/health/ready") == 200, "the 200")


def test_a_frozen_redis_costs_no_appointment(backend: Backend, redis: Redis) -> None:
    """While Redis hangs, readiness says so in time, and an appointment is booked all the same."""
    with httpx.Client(base_url=f"{backend.url}/api/v1", timeout=10) as http:
        token = http.post("/workspaces", json={"name": "Practice"}).json()["token"]
        http.headers["authorization"] = f"Bearer {token}"
        client = http.post("/clients", json={"name": "Dana Levi"}).json()
        times = {"starts_at": "2030-01-01T10:00:00Z", "ends_at": "2030-01-01T11:00:00Z"}
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            wait_until(lambda: status(backend, "/health/ready") == 503, "the 503")
            checks = httpx.get(f"{backend.url}/health/ready", timeout=SOON).json()["checks"]
            booked = http.post("/appointments", json={"client_id": client["id"], **times})
        finally:
            os.kill(redis.pid, signal.SIGCONT)
    assert checks == {"database": "up", "redis": "timeout"}
    assert booked.status_code == 201
    wait_until(lambda: status(backend, "/health/ready") == 200, "the 200")


def test_a_failure_is_logged_with_its_stack(backend: Backend, postgres: Postgres) -> None:
    """Whoever reads the log finds out where the check failed."""
    postgres.kill()
    wait_until(lambda: status(backend) == 503, "the 503")
    failures = [line for line in backend.lines() if line["event"] == "health check failed"]
    assert failures
    assert all("checks.py" in str(line) for line in failures)
