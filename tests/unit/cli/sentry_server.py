"""A server that answers as Sentry's web API does, keeps what it is told, and refuses what the schema doesn't allow."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import jsonschema

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEMA = json.loads(Path(__file__).with_name("sentry_api_schema.json").read_text())
_API = "/api/0"
_ORGANIZATION = f"{_API}/organizations/clinic"
_PROJECT = f"{_API}/projects/clinic/api/"


class SentryServer:
    """An organization `clinic` with a project `api`.

    Attributes:
        writes: method and path of every request that changed something.
        tokens: the tokens that requests brought.
        refuse: a status to answer everything with.
        refusal: returns what that answer says, given the request's headers.
        redirect: a status and an address to answer everything with.
        stored: the events that it has, by their identifiers.
    """

    def __init__(self) -> None:
        self.writes: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()
        self.refuse: int | None = None
        self.refusal: Callable[[dict[str, str]], Any] = lambda _: "no"
        self.redirect: tuple[int, str] | None = None
        self.stored: dict[str, str] = {}
        self.project: dict[str, Any] = {"id": "1", "slug": "api", "dataScrubber": False, "scrubIPAddresses": False}
        self.members: list[dict[str, Any]] = [
            {"id": "7", "email": "alerts@pazpaz.app", "user": {"id": "70"}},
            {"id": "8", "email": "invited@pazpaz.app", "user": None},
        ]
        self.integrations: list[dict[str, Any]] = [{"id": "24817", "name": "Clinic", "provider": {"key": "slack"}}]
        self.monitors: list[dict[str, Any]] = [
            {"id": "100", "name": "Error Monitor", "type": "error", "enabled": True, "dataSources": None},
        ]
        self.alerts: list[dict[str, Any]] = [{"id": "200", "name": "Somebody's own", "actionFilters": None}]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def read(self, path: str, query: str) -> tuple[Any, str]:
        """An answer to a GET, and its `Link` header: listings come in pages of one."""
        if path == _PROJECT:
            return self.project, ""
        if path.startswith(f"{_PROJECT}events/"):
            return {"eventID": self.stored[path.split("/")[-2]]}, ""
        listing = {"members": self.members, "integrations": self.integrations,
                   "detectors": self.monitors, "workflows": self.alerts}[path.split("/")[-2]]  # fmt: skip
        page = int(query.rpartition("cursor=")[2]) if "cursor=" in query else 0
        more = "true" if page + 1 < len(listing) else "false"
        link = f'<{self.url}{path}?cursor={page + 1}>; rel="next"; results="{more}"; cursor="{page + 1}"'
        return listing[page : page + 1], link

    def write(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Carry out a POST or PUT.

        Raises:
            jsonschema.ValidationError: the body isn't what the schema allows.
        """
        kind = {"detectors": "monitor", "workflows": "alert"}.get(path.removeprefix(_ORGANIZATION).split("/")[1], "")
        kind = "project" if path == _PROJECT else "monitor" if "/detectors/" in path else kind
        jsonschema.validate(body, {**_SCHEMA[kind], "$defs": _SCHEMA["$defs"]})
        self.writes.append((method, path))
        if kind == "project":
            self.project |= body
            return self.project
        listing = self.monitors if kind == "monitor" else self.alerts
        if method == "POST":
            listing.append({"id": str(300 + len(self.writes))})
        target = listing[-1] if method == "POST" else next(one for one in listing if one["id"] == path.split("/")[-2])
        target |= _answered(body) | {"id": target["id"]}
        return target


def _answered(body: dict[str, Any]) -> dict[str, Any]:
    """What Sentry answers with: identifiers as text, a monitor's query inside its objects."""
    answer = json.loads(json.dumps(body))
    if "dataSources" in answer:
        answer["dataSources"] = [{"id": "1", "queryObj": {"snubaQuery": one}} for one in answer["dataSources"]]
    if "detectorIds" in answer:
        answer["detectorIds"] = [str(one) for one in answer["detectorIds"]]
    for group in answer.get("actionFilters") or []:
        for action in group["actions"]:
            action["id"] = "9"
            if action["config"]["targetType"] == "user":
                action["config"]["targetDisplay"] = "Alerts"
    return answer


def _handler(server: SentryServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            server.tokens.add(self.headers.get("authorization"))
            url = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            if server.redirect is not None:
                self.send_response(server.redirect[0])
                self.send_header("location", server.redirect[1])
                self.send_header("content-length", "0")
                self.end_headers()
                return
            if server.refuse is not None:
                self._answer(server.refuse, {"detail": server.refusal(dict(self.headers))})
                return
            try:
                if self.command == "GET":
                    answer, link = server.read(url.path, url.query)
                    self._answer(200, answer, link)
                else:
                    answer = server.write(self.command, url.path, body)
                    self._answer(201 if self.command == "POST" else 200, answer)
            except jsonschema.ValidationError as error:
                self._answer(400, {"detail": error.message, "at": error.json_path})
            except (LookupError, StopIteration):
                self._answer(404, {"detail": "not found"})

        do_GET = do_POST = do_PUT = _handle  # noqa: N815  # the base class asks for these names

        def _answer(self, status: int, body: Any, link: str = "") -> None:
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(payload)))
            if link:
                self.send_header("link", link)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
