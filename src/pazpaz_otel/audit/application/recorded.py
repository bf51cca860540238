"""Read recorded requests, and repeat them: with planted text wherever the application accepts it, else as recorded."""

from __future__ import annotations

import copy
import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from pazpaz_otel.audit.application.operations import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pazpaz_otel.audit.application.client import Client

    Place = tuple[Any, ...]

_STATIC: Final = re.compile(r"text/css|font/|(application|text)/(x-)?javascript")
_NOT_OURS: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})
_REFUSED: Final = 400
_FAILED: Final = 500
_ANSWER: Final = "answer"
"""The place of a text that an earlier request had stored, and that a request as recorded read."""


class Recorded:
    """One recorded request."""

    def __init__(self, request: Request) -> None:
        path, _, query = request.target.partition("?")
        self.label = f"{request.method} {path}"
        self._request = request
        self._body, self._encode = _body(request)
        self._parts = {
            "path": [unquote(segment) for segment in path.split("/")],
            "query": parse_qs(query, keep_blank_values=True),
            "body": self._body,
        }
        self._fields = [place for place in _texts(self._parts) if place[0] != "path"]
        self._accepted: list[Place] | None = None
        self._fails = False

    def repeat(self, client: Client, text: str, sent: Sequence[str]) -> None:
        """Send the request with `text` in it, and note where it was accepted."""
        if self._accepted is None:
            self._read_back(client, (*sent, text))
            self._accepted = list(self._find(client, text))
        if self._fields:
            # Also where it is refused: the application's own words about what it refuses may quote it.
            self._send(client, self._fields, text)
        if not self._accepted:
            self._read_back(client, (*sent, text))
        elif self._accepted != self._fields:
            self._send(client, self._accepted, text)

    def _find(self, client: Client, text: str) -> Iterator[Place]:
        if self._taken(client, self._fields, text):
            yield from self._fields
        else:
            yield from (place for place in self._fields if self._taken(client, [place], text))
        segments = [place for place in _texts(self._parts) if place[0] == "path"]
        # Where any path has an answer, one says nothing of the recorded route.
        if not self._taken(client, segments, text):
            yield from (place for place in segments if self._taken(client, [place], text))

    def _taken(self, client: Client, places: Sequence[Place], text: str) -> bool:
        return bool(places) and self._is_accepted(client.probe(self._planted(places, text), self.label))

    def _is_accepted(self, status: int) -> bool:
        # A handler that fails as recorded has run all the same where it fails with a planted text.
        return 0 < status < _REFUSED or (self._fails and status >= _FAILED)

    def _send(self, client: Client, places: Iterable[Place], text: str) -> None:
        answer = client.repeat(self._planted(places, text), self.label)
        if self._is_accepted(answer.status):
            client.planted.setdefault(self.label, set()).update(place[0] for place in places)

    def _read_back(self, client: Client, sent: Iterable[str]) -> None:
        answer = client.repeat(self._request, self.label)
        self._fails = answer.status >= _FAILED
        body = answer.body.decode("utf-8", "replace")
        found = any(form in body for text in sent for form in (text, html.escape(text), json.dumps(text)[1:-1]))
        client.planted.setdefault(self.label, set()).update([_ANSWER] if found else ())

    def _planted(self, places: Iterable[Place], text: str) -> Request:
        parts = copy.deepcopy(self._parts)
        for *above, last in places:
            holder: Any = parts
            for key in above:
                holder = holder[key]
            holder[last] = text
        changed = {place[0] for place in places}
        path, _, query = self._request.target.partition("?")
        if "path" in changed:
            path = "/".join(quote(segment, safe="") for segment in parts["path"])
        if "query" in changed:
            query = urlencode(parts["query"], doseq=True)
        body = self._encode(parts["body"]).encode() if "body" in changed else self._request.body
        return replace(self._request, target=f"{path}?{query}" if query else path, body=body)


def _body(request: Request) -> tuple[Any, Any]:
    """Return a body's values, if it is JSON or a form, and what encodes them again."""
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if "x-www-form-urlencoded" in kind:
        return parse_qs(request.body.decode(), keep_blank_values=True), lambda form: urlencode(form, doseq=True)
    try:
        return json.loads(request.body), lambda value: json.dumps(value, ensure_ascii=False)
    except ValueError:
        return None, None


def _texts(value: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, str) and value:
        yield place
    elif isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(inner, (*place, key))


def read_traffic(file: str) -> list[Request]:
    """Return the requests of a traffic file.

    Args:
        file: the path, ending in `.har` for HAR, or else JSON lines.

    Raises:
        OSError: it can't be read.
        ValueError: it is neither.
    """
    text = Path(file).read_text(encoding="utf-8")
    try:
        return list(_har(json.loads(text)) if file.endswith(".har") else _lines(text))
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        problem = f"{file} is neither a HAR file nor JSON lines with `method` and `path` ({type(error).__name__})"
        raise ValueError(problem) from None


def _har(document: dict[str, Any]) -> Iterator[Request]:
    for entry in document["log"]["entries"]:
        recorded = entry["request"]
        if _STATIC.match(((entry.get("response") or {}).get("content") or {}).get("mimeType") or ""):
            continue
        url = urlsplit(recorded["url"])
        headers = {one["name"]: one["value"] for one in recorded.get("headers", ())}
        body = (recorded.get("postData") or {}).get("text", "")
        yield _request(recorded["method"], f"{url.path}{f'?{url.query}' if url.query else ''}", headers, body)


def _lines(text: str) -> Iterator[Request]:
    for line in text.splitlines():
        if line.strip():
            recorded = json.loads(line)
            body = recorded.get("body", "")
            headers = recorded.get("headers") or {}
            if not isinstance(body, str):
                headers = {"Content-Type": "application/json", **headers}
                body = json.dumps(body, ensure_ascii=False)
            yield _request(recorded["method"], recorded["path"], headers, body)


def _request(method: str, target: str, headers: dict[str, str], body: str) -> Request:
    kept = {
        name: value for name, value in headers.items() if name.lower() not in _NOT_OURS and not name.startswith(":")
    }
    return Request(str(method).upper(), str(target), kept, body.encode())
