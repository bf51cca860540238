"""Send requests with a secret that must not reach any other host."""

from __future__ import annotations

import http.client
import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: they would send the secret to wherever they point."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(method: str, url: str, token: str, body: Mapping[str, Any] | None = None) -> tuple[Any, Mapping[str, str]]:
    """Send one JSON request, and return the parsed answer, or None if it is empty, and its headers.

    Args:
        method: the request's method.
        url: an HTTP URL.
        token: the secret, sent as a bearer token.
        body: the request's body, if it has one.

    Raises:
        urllib.error.HTTPError: the answer isn't a 2xx; a redirect isn't followed.
        OSError: there is no answer, or none that is HTTP.
        ValueError: the answer isn't JSON.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - the operator's
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null"), answer.headers
    except RecursionError:
        raise ValueError("an answer of too many brackets") from None
    except http.client.HTTPException as error:
        # Its message quotes the address, which may have a secret, or what was answered.
        raise ConnectionError(type(error).__name__) from None
