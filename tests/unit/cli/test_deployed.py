"""`pazpaz-otel deployed`, asked of a site and a Prometheus that answer as they are told."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pazpaz_otel.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

HEALTHY = (200, {"status": "healthy", "database": "connected"})


class Deployment(ThreadingHTTPServer):
    """A site and its Prometheus. `healths`: the answers of `/health` one after another, the last one for good."""

    daemon_threads = True

    def __init__(self) -> None:
        self.healths: list[tuple[int, Any]] = [HEALTHY]
        self.senders: list[dict[str, str]] = [{"job": "practice_api", "service_version": "1.4.2"}]
        self.firing: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Deployment

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            healths = self.server.healths
            status, document = healths.pop(0) if len(healths) > 1 else healths[0]
        else:
            [expression] = parse_qs(url.query)["query"]
            alerts = [{"alertname": name} for name in self.server.firing]
            rows = alerts if "ALERTS" in expression else self.server.senders
            result = [{"metric": row, "value": [0, "1"]} for row in rows]
            status, document = 200, {"status": "success", "data": {"resultType": "vector", "result": result}}
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    server = Deployment()
    yield server
    server.shutdown()
    server.server_close()


def ask(deployment: Deployment, *more: str) -> int:
    """Run the command without waiting."""
    return main(["deployed", deployment.url, "--prometheus", deployment.url, "--wait", "0", *more])


def test_a_deploy_that_has_arrived(deployment: Deployment, capsys: pytest.CaptureFixture[str]):
    """A healthy site whose release sends metrics, with nothing critical firing, is 0."""
    assert ask(deployment, "--release", "1.4.2", "--service", "practice_api", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert [(finding["state"], finding["subject"]) for finding in said] == [
        ("ok", "health"), ("ok", "telemetry"), ("ok", "release"), ("ok", "alerts"),
    ]  # fmt: skip


def _unhealthy(deployment: Deployment) -> None:
    deployment.healths = [(503, {"detail": "Database connection unavailable"})]


def _page(deployment: Deployment) -> None:
    deployment.healths = [(200, ["the page, as JSON"])]


def _old(deployment: Deployment) -> None:
    deployment.senders[0]["service_version"] = "1.4.1"


def _silent(deployment: Deployment) -> None:
    deployment.senders[0]["job"] = "reminders"


def _alarmed(deployment: Deployment) -> None:
    deployment.firing = ["ApiFailures"]


@pytest.mark.parametrize(
    ("broken", "subject", "says"),
    [
        (_unhealthy, "health", "answers 503"),
        (_page, "health", "without status healthy"),
        (_old, "release", "seen: 1.4.1"),
        (_silent, "telemetry", "no metrics of practice_api arrive"),
        (_alarmed, "alerts", "ApiFailures"),
    ],
)
def test_a_deploy_that_has_not_arrived(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], broken: Any, subject: str, says: str
):
    """What is missing is 1, named with its hint."""
    broken(deployment)
    assert ask(deployment, "--release", "1.4.2", "--service", "practice_api", "--json") == 1
    [fault] = [finding for finding in json.loads(capsys.readouterr().out) if finding["state"] == "fault"]
    assert fault["subject"] == subject
    assert says in fault["text"]
    assert fault["hint"]


def test_an_answer_that_is_no_http_is_a_fault(capsys: pytest.CaptureFixture[str]):
    """What something else than a site answers is told as what it is, without its text."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 the-secret\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        assert main(["deployed", f"http://127.0.0.1:{listening.getsockname()[1]}", "--wait", "0"]) == 1
    told = capsys.readouterr()
    assert "ConnectionError" in told.out
    assert "the-secret" not in told.out + told.err


def test_the_release_before_may_linger(deployment: Deployment, capsys: pytest.CaptureFixture[str]):
    """A release that sends beside the one before it has arrived; the other one is a note."""
    deployment.senders.append({"job": "practice_api", "service_version": "1.4.1"})
    assert ask(deployment, "--release", "1.4.2") == 0
    assert "1.4.1" in capsys.readouterr().out


def test_it_waits(deployment: Deployment):
    """A site that becomes healthy within the time has arrived."""
    deployment.healths = [(503, {}), HEALTHY]
    assert main(["deployed", deployment.url, "--wait", "30"]) == 0


@pytest.mark.parametrize(
    "arguments", [["pazpaz.app"], ["https://pazpaz.app", "--release", "1"], ["https://u:the-secret@pazpaz.app"]]
)
def test_a_wrong_call_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """What can't be asked is 2, before anything is sent."""
    assert main(["deployed", *arguments]) == 2
    told = capsys.readouterr().err
    assert told
    assert "the-secret" not in told


def test_nobody_there(capsys: pytest.CaptureFixture[str], deployment: Deployment):
    """A site and a Prometheus that don't answer are 1, without a traceback."""
    deployment.shutdown()
    deployment.server_close()
    assert ask(deployment) == 1
    said = capsys.readouterr()
    assert "Prometheus" in said.out
    assert "Traceback" not in said.err
