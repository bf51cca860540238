"""Send planted requests to an application, and learn valid ids from its responses."""

from __future__ import annotations

import contextlib
import importlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.application.login import REFUSED, joined
from pazpaz_otel.audit.application.operations import PARAMETER
from pazpaz_otel.audit.plant.http_client import send

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pazpaz_otel.audit.application.coverage import Coverage
    from pazpaz_otel.audit.application.login import Login
    from pazpaz_otel.audit.application.operations import Operation, Request
    from pazpaz_otel.audit.plant.http_client import Answer

_ID_KEYS: Final = ("id", "uuid", "pk", "slug", "key")


class Client:
    """One application under audit."""

    def __init__(self, port: int, login: Login, coverage: Coverage) -> None:
        self._port = port
        self._login = login
        self._always = login.headers()
        self._closed: set[str] = set()
        self._coverage = coverage
        self.planted: dict[str, set[str]] = {}
        """Where each recorded request was accepted with a planted text."""
        self.known: dict[str, str] = {}
        """An id from the application's responses, by the path segment that names its collection."""

    def send(self, operation: Operation, text: str, planted: Iterable[str], headers: Mapping[str, str] = {}) -> None:
        """Send one operation with `text` where `planted` says, and count its response."""
        request = operation.request(text, planted, self.known)
        answer = self.repeat(replace(request, headers={**request.headers, **headers}), operation.label)
        self._learn(operation, answer.body)

    def raw(self, request: Request) -> Answer:
        """Send a request unchanged, and return its response."""
        headers = joined(request.headers, self._always)
        return send(self._port, request.method, request.target, headers, request.body)

    def probe(self, request: Request, label: str) -> int:
        """Return the status of a request that is only tried, and so isn't counted."""
        status = self.raw(request).status
        self._coverage.mark(label)
        return status

    def repeat(self, request: Request, label: str) -> Answer:
        """Send a request, once more if the session has ended, and count its response under its route."""
        answer = self.raw(request)
        if answer.status in REFUSED and self._login and label not in self._closed:
            self._always = self._login.headers()
            answer = self.raw(request)
            if answer.status in REFUSED:
                # The session isn't the problem: this route is for other users.
                self._closed.add(label)
        self._coverage.add(label, answer.status)
        return answer

    def speak(self, path: str, messages: Sequence[str]) -> None:
        """Open a WebSocket, send each message, and count the response to the handshake."""
        label = f"WS {path}"
        path = PARAMETER.sub("1", path)
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
                self._coverage.mark(label)
        except Exception as error:  # noqa: BLE001 - each library of WebSockets raises its own
            response = getattr(error, "response", None)
            if response is not None or label not in self._coverage.answers:
                self._coverage.add(label, int(getattr(response, "status_code", 0)))

    def _learn(self, operation: Operation, body: bytes) -> None:
        if operation.method not in {"GET", "POST", "PUT"} or not body:
            return
        collection = next(
            (part for part in reversed(operation.template.split("/")) if part and not PARAMETER.search(part)), ""
        )
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
