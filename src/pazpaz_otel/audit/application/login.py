"""Log in as the application's own page or client does, and keep what later requests must carry."""

from __future__ import annotations

import json
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.plant.http_client import send
from pazpaz_otel.audit.run import AuditError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.audit.application.operations import Request

REFUSED: Final = frozenset({401, 403})
"""The statuses for a client that isn't logged in."""

_TOKENS: Final = ("access_token", "token", "access", "jwt", "id_token", "key")
"""Where a response has a bearer token: OAuth 2.0 (RFC 6749 section 5.1), and other common names."""
_REPEATED: Final = {"csrftoken": "X-CSRFToken", "XSRF-TOKEN": "X-XSRF-TOKEN"}
"""Cookies that Django, axios and Angular also send as a header."""
_FAILED: Final = 400


class Login:
    """Log the audit in.

    Args:
        port: the application's port, on loopback.
        always: headers for every request.
        requests: sent in order; each carries what the response before it set.
    """

    def __init__(self, port: int, always: Mapping[str, str], requests: Sequence[Request]) -> None:
        self._port = port
        self._always = dict(always)
        self._requests = requests
        self.reached: set[str] = set()
        """The routes that the login is made of."""

    def __bool__(self) -> bool:
        return bool(self._requests)

    def headers(self) -> dict[str, str]:
        """Log in, and return the headers for every later request.

        Raises:
            AuditError: the application doesn't let this login in, or gives neither a cookie nor a token.
        """
        cookies: dict[str, str] = {}
        given: dict[str, str] = {}
        for request in self._requests:
            headers = joined(request.headers, joined(self._always, _carried(cookies, given)))
            answer = send(self._port, request.method, request.target, headers, request.body)
            name = f"the login's {request.method} {request.target.partition('?')[0]}"
            if not 0 < answer.status < _FAILED:
                raise AuditError(f"{name} was answered {answer.status or 'by nobody'}: is the account there?")
            self.reached.add(f"{request.method} {request.target.partition('?')[0]}")
            for header, value in answer.headers:
                if header == "set-cookie":
                    cookies |= _cookies(value)
            token = _token(answer.body)
            if token is not None:
                given["Authorization"] = f"Bearer {token}"
        if self._requests and not cookies and not given:
            raise AuditError("the login's answers set no cookie, and hold no token in JSON (access_token)")
        return joined(self._always, _carried(cookies, given))


def joined(request: Mapping[str, str], letting_in: Mapping[str, str]) -> dict[str, str]:
    """Return a request's headers merged with those of the login, which take precedence; cookies merge by name."""
    names = {name.lower() for name in letting_in}
    headers = {name: value for name, value in request.items() if name.lower() not in names}
    own = next((value for name, value in request.items() if name.lower() == "cookie"), "")
    for name, value in letting_in.items():
        known = [part.partition("=")[0].strip() for part in value.split(";")]
        more = [part for part in own.split(";") if part.strip() and part.partition("=")[0].strip() not in known]
        headers[name] = ";".join([value, *more]) if name.lower() == "cookie" else value
    return headers


def _carried(cookies: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    headers = {header: cookies[cookie] for cookie, header in _REPEATED.items() if cookie in cookies}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {**headers, **given}


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.coded_value for name, morsel in SimpleCookie(header).items() if morsel.value}
    except CookieError:
        return {}


def _token(body: bytes) -> str | None:
    """Return the token in a JSON response, at the top or one level below."""
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return None
    below = [answer, *answer.values()] if isinstance(answer, dict) else []
    found = (one[key] for one in below if isinstance(one, dict) for key in _TOKENS if isinstance(one.get(key), str))
    return next(found, None)
