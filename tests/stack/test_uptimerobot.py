"""`pazpaz-otel uptime apply` against a server that takes only what UptimeRobot's published API v3 takes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

from pazpaz_otel.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORS = Path(__file__).parents[2] / "monitoring/uptime/monitors.yaml"
KEY = "u1234567-0123456789abcdef01234567"

_FIELDS: dict[str, Any] = {
    "friendlyName": {"type": "string", "maxLength": 250},
    "url": {"type": "string", "maxLength": 10000, "format": "uri"},
    "timeout": {"type": "number", "minimum": 0, "maximum": 60},
    "httpMethodType": {"enum": ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]},
    "followRedirections": {"type": "boolean"},
    "checkSSLErrors": {"type": "boolean"},
    "sslExpirationReminder": {"type": "boolean"},
    "successHttpResponseCodes": {"type": "array", "items": {"type": "string", "pattern": "^[1-5]([0-9]{2}|xx)$"}},
    "assignedAlertContacts": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["alertContactId", "threshold", "recurrence"],
            "properties": dict.fromkeys(("alertContactId", "threshold", "recurrence"), {"type": "number"}),
            "additionalProperties": False,
        },
    },
    "config": {
        "type": "object",
        "properties": {
            "sslExpirationPeriodDays": {
                "type": "array",
                "maxItems": 10,
                "items": {"type": "number", "minimum": 0, "maximum": 365},
            }
        },
        "additionalProperties": False,
    },
}
CREATE = {
    "type": "object",
    "required": ["friendlyName", "interval", "type", "url", "timeout"],
    "properties": {**_FIELDS, "type": {"const": "HTTP"}, "interval": {"type": "number", "minimum": 30}},
    "additionalProperties": False,
}
UPDATE = {
    "type": "object",
    "minProperties": 1,
    "properties": {**_FIELDS, "type": {"const": "HTTP"}, "interval": {"type": "number", "minimum": 15}},
    "additionalProperties": False,
}
CONTACT = {
    "type": "object",
    "properties": {"enableNotificationsFor": {"enum": [0, 1, 2, 3]}},
    "additionalProperties": False,
}
"""What the API's OpenAPI description (version 3.0) says of the bodies, as far as this project uses it."""


class UptimeRobot(ThreadingHTTPServer):
    """An account at UptimeRobot: two monitors a page, and every change on record."""

    daemon_threads = True

    def __init__(self, plan: str = "paid") -> None:
        self.plan = plan
        self.monitors: list[dict[str, Any]] = []
        self.contacts = [
            {"id": 7, "value": "someone.else@pazpaz.app", "enableNotificationsFor": "Down", "status": "Active"},
            {"id": 8, "value": "alerts@pazpaz.app", "enableNotificationsFor": "Down", "status": "Active"},
        ]
        self.changed: list[tuple[str, str, Any]] = []
        self.busy = 0
        self.redirect: str | None = None
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v3"

    def store(self, monitor: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        monitor.update({**body, "config": {**monitor.get("config", {}), **body.get("config", {})}})
        if self.plan == "free":
            for contact in monitor.get("assignedAlertContacts", []):
                contact["threshold"] = 0
        return monitor


class _Handler(BaseHTTPRequestHandler):
    server: UptimeRobot

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self._refused():
            return
        if url.path == "/v3/monitors":
            start = int(parse_qs(url.query).get("cursor", ["0"])[0])
            page = self.server.monitors[start : start + 2]
            more = start + 2 < len(self.server.monitors)
            # The next page's address is at another host on purpose: only its cursor may be used.
            link = f"https://elsewhere.invalid/v3/monitors?cursor={start + 2}" if more else None
            self._answer(200, {"nextLink": link, "data": page})
        elif url.path == "/v3/user/alert-contacts":
            self._answer(200, self.server.contacts)
        else:
            self._answer(404, {"message": "no such path"})

    def do_POST(self) -> None:
        if self._refused():
            return
        body = self._body(CREATE)
        if body is not None:
            monitor = self.server.store({"id": 100 + len(self.server.monitors), "status": "STARTED"}, body)
            self.server.monitors.append(monitor)
            self._answer(201, monitor)

    def do_PATCH(self) -> None:
        if self._refused():
            return
        _, _, kind, number = self.path.split("/")
        body = self._body(UPDATE if kind == "monitors" else CONTACT)
        if body is None:
            return
        if kind == "monitors":
            monitor = next(entry for entry in self.server.monitors if entry["id"] == int(number))
            self._answer(200, self.server.store(monitor, body))
        else:
            contact = next(entry for entry in self.server.contacts if entry["id"] == int(number))
            contact["enableNotificationsFor"] = {0: "UpAndDown", 1: "Down"}[body["enableNotificationsFor"]]
            self._answer(200, contact)

    def _refused(self) -> bool:
        if self.server.redirect:
            self._answer(307, None, Location=self.server.redirect)
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self._answer(401, {"message": f"wrong key {self.headers['Authorization']}"})
        elif self.server.busy:
            self.server.busy -= 1
            self._answer(429, {"message": "slow down"}, **{"Retry-After": "0"})
        else:
            return False
        return True

    def _body(self, schema: dict[str, Any]) -> dict[str, Any] | None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            assert self.headers["Content-Type"] == "application/json"
            jsonschema.validate(body, schema)
        except (AssertionError, jsonschema.ValidationError) as error:
            self._answer(400, {"message": str(error)})
            return None
        self.server.changed.append((self.command, self.path, body))
        return dict(body)

    def _answer(self, status: int, document: Any, **headers: str) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def robot() -> Iterator[UptimeRobot]:
    server = UptimeRobot()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


def apply(robot: UptimeRobot, key: Path, *more: str, monitors: Path = MONITORS) -> int:
    return main(
        ["uptime", "apply", "--api", robot.url, "--key-file", str(key), "--monitors", str(monitors), *more]
    )  # fmt: skip


def test_the_guide_s_three_monitors_are_made(robot: UptimeRobot, key: Path) -> None:
    """Health, page and certificate; every five minutes; told after the third failure in a row, and when up again."""
    assert apply(robot, key) == 0
    made = {monitor["friendlyName"]: monitor for monitor in robot.monitors}
    assert list(made) == ["PazPaz API health", "PazPaz page", "PazPaz certificate"]
    assert {monitor["interval"] for monitor in made.values()} == {300}
    assert [monitor["url"] for monitor in made.values()] == [
        "https://pazpaz.app/health", "https://pazpaz.app/", "https://pazpaz.app",
    ]  # fmt: skip
    # The first failure is minute 0, the third is minute 10.
    told = [{"alertContactId": 8, "threshold": 10, "recurrence": 0}]
    assert all(monitor["assignedAlertContacts"] == told for monitor in made.values())
    assert made["PazPaz API health"]["successHttpResponseCodes"] == ["200"]
    assert made["PazPaz certificate"]["config"] == {"sslExpirationPeriodDays": [7]}
    assert made["PazPaz certificate"]["sslExpirationReminder"] is True
    assert robot.contacts[1]["enableNotificationsFor"] == "UpAndDown"
    assert robot.contacts[0]["enableNotificationsFor"] == "Down"


def test_applying_again_changes_nothing(
    robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second run sends no request that changes anything, and says so."""
    apply(robot, key)
    before = list(robot.changed)
    capsys.readouterr()
    assert apply(robot, key) == 0
    assert robot.changed == before
    assert "already" in capsys.readouterr().out
    assert apply(robot, key, "--dry-run") == 0


def test_a_free_account_is_settled_too(key: Path, tmp_path: Path) -> None:
    """An account that can't delay its alerts isn't told the same again and again."""
    robot = UptimeRobot("free")
    monitors = tmp_path / "monitors.yaml"
    monitors.write_text(MONITORS.read_text().replace("plan: paid", "plan: free"))
    apply(robot, key, monitors=monitors)
    count = len(robot.changed)
    assert apply(robot, key, monitors=monitors) == 0
    assert len(robot.changed) == count == 4
    robot.shutdown()
    robot.server_close()


def test_a_dry_run_shows_the_difference_and_sends_none(
    robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--dry-run` names what would change, from what to what, exits 1, and changes nothing."""
    apply(robot, key)
    robot.monitors[1]["interval"] = 60
    count = len(robot.changed)
    capsys.readouterr()
    assert apply(robot, key, "--dry-run", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "applied": False,
        "changes": [
            {"action": "change", "title": "PazPaz page", "before": {"interval": 60}, "after": {"interval": 300}}
        ],
    }
    assert len(robot.changed) == count
    assert apply(robot, key) == 0
    assert robot.changed[count:] == [("PATCH", "/v3/monitors/101", {"interval": 300})]


def test_other_monitors_are_left_alone(robot: UptimeRobot, key: Path) -> None:
    """Monitors of other names are neither changed nor removed, also beyond the first page of the list."""
    others = [{"id": number, "friendlyName": f"other {number}", "interval": 60} for number in range(5)]
    robot.monitors += [dict(other) for other in others]
    apply(robot, key)
    assert apply(robot, key, "--dry-run") == 0
    assert robot.monitors[:5] == others
    assert len(robot.monitors) == 8


def test_the_key_is_shown_to_nobody(
    robot: UptimeRobot, key: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither success nor refusal prints the key, and a redirect doesn't take it to another host."""
    assert apply(robot, key) == 0
    wrong = tmp_path / "wrong"
    wrong.write_text("u7654321-wrong-key")
    assert apply(robot, wrong) == 2
    elsewhere = UptimeRobot()
    robot.redirect = f"{elsewhere.url}/monitors"
    assert apply(robot, key) == 2
    output = "".join(capfd.readouterr())
    assert "HTTP 401" in output
    assert KEY not in output
    assert "wrong-key" not in output
    assert elsewhere.changed == []
    elsewhere.shutdown()
    elsewhere.server_close()


def test_a_busy_api_is_asked_again(robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two refusals for haste are waited out; one that lasts is an error, not a half-done success."""
    robot.busy = 2
    assert apply(robot, key) == 0
    robot.busy = 100
    assert apply(robot, key) == 2
    assert "too many requests" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda robot: robot.contacts.pop(), "alerts@pazpaz.app is no alert contact"),
        (lambda robot: robot.monitors.extend([{"id": n, "friendlyName": "PazPaz page"} for n in (1, 2)]), "leave one"),
    ],
    ids=["no such contact", "two of one name"],
)
def test_what_cannot_be_applied_is_said(
    robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str], break_it: Any, says: str
) -> None:
    """An account that doesn't fit is left as it was, and the message names the cure."""
    break_it(robot)
    assert apply(robot, key) == 2
    assert says in capsys.readouterr().err
    assert robot.changed == []


def test_a_missing_key_is_said(robot: UptimeRobot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key file the command says which file it wants."""
    assert apply(robot, tmp_path / "none") == 2
    assert "UptimeRobot's API key" in capsys.readouterr().err
