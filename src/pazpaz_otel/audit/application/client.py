"""Send planted requests to an application, and learn valid ids from its responses."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.application.login import REFUSED, joined
from pazpaz_otel.audit.plant.http_client import exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pazpaz_otel.audit.application.coverage import Coverage
    from pazpaz_otel.audit.application.login import Login
    from pazpaz_otel.audit.application.operations import Operation, Request

_PARAMETER: Final = re.compile(r"\{[^}]*\}")
_ID_KEYS: Final = ("id", "uuid", "pk", "slug", "key")


class Client:
    """One application under audit.

    Args:
        port: the application's port, on loopback.
        login: logs in; its headers are added to every request.
        coverage: counts the responses.
        answered: called with each route whose request was answered.
    """

    def __init__(self, port: int, login: Login, coverage: Coverage, answered: Callable[[str], None]) -> None:
        self._port = port
        self._login = login
        self._always = login.headers()
        self._closed: set[str] = set()
        self._coverage = coverage
        self._answered = answered
        self.known: dict[str, str] = {}
        """An id from the application's responses, by the path segment that names its collection."""

    def send(self, operation: Operation, text: str, planted: Iterable[str], headers: Mapping[str, str] = {}) -> None:
        """Send one operation with `text` where `planted` says, and count its response."""
        request = operation.request(text, planted, self.known)
        status, body = self.raw(replace(request, headers={**request.headers, **headers}), operation.label)
        self._count(operation.label, status)
        self._learn(operation, body)

    def raw(self, request: Request, label: str = "") -> tuple[int, bytes]:
        """Send a request unchanged; return the status, 0 if there is no response, and the body.

        Args:
            request: the request.
            label: its route; if the session has ended there, the request is sent again in a new one.
        """
        status, body = self._sent(request)
        if status in REFUSED and self._login and label and label not in self._closed:
            self._always = self._login.headers()
            status, body = self._sent(request)
            if status in REFUSED:
                # The session isn't the problem: this route is for other users.
                self._closed.add(label)
        return status, body

    def _sent(self, request: Request) -> tuple[int, bytes]:
        headers = joined(request.headers, self._always)
        return exchange(self._port, request.method, request.target, headers, request.body)

    def repeat(self, request: Request) -> None:
        """Send a recorded request, and count its response under its path."""
        label = f"{request.method} {request.target.partition('?')[0]}"
        status, _ = self.raw(request, label)
        self._count(label, status)

    def speak(self, path: str, messages: Sequence[str]) -> None:
        """Open a WebSocket, send each message, and count the response to the handshake."""
        label = f"WS {path}"
        path = _PARAMETER.sub("1", path)
        try:
            # uvicorn needs it for WebSockets as well, so any application that serves them has it.
            sync: Any = importlib.import_module("websockets.sync.client")
        except ImportError:
            self._coverage.add(label, 0)
            return
        try:
            url = f"ws://127.0.0.1:{self._port}{path}"
            with sync.connect(url, additional_headers=self._always, open_timeout=10, close_timeout=2) as socket:
                self._coverage.add(label, 101)
                for message in messages:
                    socket.send(message)
                    with contextlib.suppress(TimeoutError):
                        socket.recv(timeout=0.3)
                self._answered(label)
        except Exception as error:  # noqa: BLE001 - each library of WebSockets raises its own
            response = getattr(error, "response", None)
            if response is not None or label not in self._coverage.answers:
                self._coverage.add(label, int(getattr(response, "status_code", 0)))

    def _count(self, label: str, status: int) -> None:
        self._coverage.add(label, status)
        self._answered(label)

    def _learn(self, operation: Operation, body: bytes) -> None:
        if operation.method not in {"GET", "POST", "PUT"} or not body:
            return
        collection = next((part for part in reversed(operation.template.split("/")) if part and "{" not in part), "")
        found = _id_in(body)
        if collection and found:
            self.known.setdefault(collection, found)


def _id_in(body: bytes) -> str | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    if isinstance(answer, dict):
        lists = [value for value in answer.values() if isinstance(value, list) and value]
        answer = answer if any(key in answer for key in _ID_KEYS) else lists[0] if lists else answer
    one = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(one, dict):
        return None
    return next((str(one[key]) for key in _ID_KEYS if isinstance(one.get(key), (str, int))), None)
