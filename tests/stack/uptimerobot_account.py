"""UptimeRobot, as far as this project uses it: a server that takes only what the published API v3 takes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

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
            "properties": {name: {"type": "number"} for name in ("alertContactId", "threshold", "recurrence")},
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
KEYWORD = {
    "type": "object",
    "required": ["friendlyName", "interval", "type", "url", "timeout", "keywordType", "keywordValue"],
    "properties": {
        **_FIELDS,
        "type": {"const": "KEYWORD"},
        "interval": {"type": "number", "minimum": 30},
        "httpMethodType": {"const": "GET"},  # ours: a HEAD has no body to look into
        "keywordType": {"enum": ["ALERT_EXISTS", "ALERT_NOT_EXISTS"]},
        "keywordCaseType": {"enum": [0, 1]},
        "keywordValue": {"type": "string", "minLength": 1, "maxLength": 500},
    },
    "additionalProperties": False,
}
UPDATE = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        **_FIELDS,
        "interval": {"type": "number", "minimum": 15},
        "keywordCaseType": {"enum": [0, 1]},
        "keywordValue": {"type": "string", "minLength": 1, "maxLength": 500},
    },
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
        body = self._body({"anyOf": [CREATE, KEYWORD]})
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
        if self.server.plan == "free" and "sslExpirationReminder" in body:
            self._answer(403, {"message": "not on this plan"})
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
