"""The part of Sentry's web API that alerts and privacy settings need.

Source: https://docs.sentry.io/api/ and its published schema, https://github.com/getsentry/sentry-api-schema.
"""

from __future__ import annotations

import re
import time
import urllib.error
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.tools.reading import ask

_MAX_PAGES: Final = 50
_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next";\s*results="true"')
_HINTS: Final = {
    401: "the token isn't valid: make one with the scopes alerts:write, project:write, org:read, member:read",
    403: "the token lacks a scope: it needs alerts:write, project:write, org:read, member:read",
    404: "there is no such organization or project, or the token can't see it",
}

_REPEATED: Final = re.compile("authorization|bearer", re.IGNORECASE)
_LONG: Final = re.compile(r"[^\s\"'{}\[\],:;()]{16,}")
"""As long as a token, in whatever encoding."""
_REDIRECTS: Final = range(300, 400)
_MOVED: Final = "it redirects, which would send the token to another address: pass that address as --url"


class SentryApiError(PazPazOtelError):
    """Sentry rejected a request or didn't answer; the message never contains the token.

    Args:
        message: the request, the answer, and a hint.
        status: the HTTP status, if there was an answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SentryApi:
    """One project of one organization.

    Args:
        url: Sentry's URL, such as ``https://de.sentry.io``.
        organization: the organization's slug.
        project: the project's slug.
        token: an authentication token.

    Raises:
        SentryApiError: `url` isn't an HTTP URL.
    """

    def __init__(self, url: str, organization: str, project: str, token: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise SentryApiError("Sentry's address must be a URL that begins with https://")
        self._url = url.rstrip("/")
        self._organization = f"organizations/{quote(organization, safe='')}"
        self._of_project = f"projects/{quote(organization, safe='')}/{quote(project, safe='')}/"
        self._new_monitor = f"{self._organization}/projects/{quote(project, safe='')}/detectors/"
        self._project = project
        self._token = token

    def project(self) -> dict[str, Any]:
        """Return the project and its settings."""
        return dict(self._send("GET", self._of_project))

    def set_project(self, settings: dict[str, Any]) -> None:
        """Change the project's settings."""
        self._send("PUT", self._of_project, settings)

    def has_event(self, event_id: str) -> bool:
        """Return whether the project has stored an event.

        Args:
            event_id: 32 hexadecimal digits, as the SDK gave them.
        """
        try:
            self._send("GET", f"{self._of_project}events/{event_id}/")
        except SentryApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    def members(self) -> list[dict[str, Any]]:
        """Return the organization's members."""
        return list(self._all(f"{self._organization}/members/"))

    def integrations(self, provider: str) -> list[dict[str, Any]]:
        """Return the organization's integrations with `provider`, such as ``slack``."""
        return list(self._all(f"{self._organization}/integrations/?{urlencode({'providerKey': provider})}"))

    def monitors(self) -> list[dict[str, Any]]:
        """Return the project's monitors (the API calls them detectors)."""
        return list(self._all(f"{self._organization}/detectors/?{urlencode({'project': self._project})}"))

    def save_monitor(self, monitor: dict[str, Any], monitor_id: str | None) -> str:
        """Create or change a monitor, and return its id."""
        if monitor_id is None:
            return str(self._send("POST", self._new_monitor, monitor)["id"])
        self._send("PUT", f"{self._organization}/detectors/{monitor_id}/", monitor)
        return monitor_id

    def alerts(self) -> list[dict[str, Any]]:
        """Return the organization's alerts (the API calls them workflows)."""
        return list(self._all(f"{self._organization}/workflows/"))

    def save_alert(self, alert: dict[str, Any], alert_id: str | None) -> None:
        """Create or change an alert."""
        if alert_id is None:
            self._send("POST", f"{self._organization}/workflows/", alert)
        else:
            self._send("PUT", f"{self._organization}/workflows/{alert_id}/", {"id": alert_id, **alert})

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield every entry of a listing (https://docs.sentry.io/api/pagination/)."""
        page: str | None = f"{self._url}/api/0/{path}"
        for _ in range(_MAX_PAGES):
            if page is None or not page.startswith(f"{self._url}/"):
                return
            body, links = self._request("GET", page, None)
            yield from body
            found = _NEXT.search(links)
            page = found[1] if found else None

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._request(method, f"{self._url}/api/0/{path}", body)[0]

    def _request(self, method: str, url: str, body: dict[str, Any] | None) -> tuple[Any, str]:
        path = urlsplit(url).path
        try:
            answer, headers = ask(method, url, self._token, body)
            return answer, headers.get("Link", "")
        except urllib.error.HTTPError as error:
            said = _MOVED if error.code in _REDIRECTS else _told(error.read(2000).decode(errors="replace"))
            hint = _HINTS.get(error.code, said)
            raise SentryApiError(f"{method} {path}: status {error.code}: {hint}".rstrip(": "), error.code) from None
        except (OSError, ValueError) as error:
            raise SentryApiError(f"{method} {path}: no usable answer ({type(error).__name__})") from None


def _told(answer: str) -> str:
    """Return an error's text, unless a server or a proxy repeats the request in it, without what may be a token."""
    return "" if _REPEATED.search(answer) else _LONG.sub("…", answer)


def read_back(event_id: str, environment: Mapping[str, str], timeout: float = 10.0) -> bool | None:
    """Return whether Sentry has stored an event, using the token in the environment.

    Args:
        event_id: 32 hexadecimal digits.
        environment: the variables `SENTRY_ORG`, `SENTRY_PROJECT`, `SENTRY_AUTH_TOKEN` and optionally `SENTRY_URL`.
        timeout: how long to wait for it, in seconds.

    Returns:
        None if the environment has no token, organization or project.

    Raises:
        SentryApiError: Sentry rejects the token.
    """
    organization, project, token = (environment.get(f"SENTRY_{name}") for name in ("ORG", "PROJECT", "AUTH_TOKEN"))
    if not organization or not project or not token:
        return None
    api = SentryApi(environment.get("SENTRY_URL") or "https://sentry.io", organization, project, token)
    deadline = time.monotonic() + timeout
    while not api.has_event(event_id):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True
