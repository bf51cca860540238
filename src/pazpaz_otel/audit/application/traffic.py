"""Read recorded requests from a HAR file, as browsers save it, or JSON lines (`method`, `path`, `headers`, `body`)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pazpaz_otel.audit.application.operations import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATIC = re.compile(r"text/css|font/|(application|text)/(x-)?javascript")
_NOT_OURS = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


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
